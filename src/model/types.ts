/** Shape of a WeSpeaker ResNet, read from a file's tensors or its config. */
export interface ResNetConfig {
  /** Blocks in each of the four stages: [3, 4, 6, 3] for ResNet34. */
  readonly blocks: readonly [number, number, number, number];
  /** Channels of the first stage; 32 for ResNet34-LM. Stage n has channels * 2^(n-1), Bottlenecks give out four times as many. */
  readonly channels: number;
  /** Mel bins. */
  readonly featureSize: number;
  /** Embedding size. */
  readonly dimension: number;
  /** Absent: BasicBlocks. `simam`: BasicBlocks with SimAM's attention after the second convolution. */
  readonly block?: 'bottleneck' | 'simam' | undefined;
  /** Absent: mean and deviation over time (TSTP). Else each step has a weight of its own. */
  readonly attention?: PoolingAttention | undefined;
  /** Size of a first embedding layer; absent: there is but one. */
  readonly hidden?: number | undefined;
}

/** The network that weighs steps in attentive statistics pooling. */
export interface PoolingAttention {
  /** As WeSpeaker calls it: `ASTP` has a tanh after its hidden layer, `ASP` a ReLU. */
  readonly kind: 'ASTP' | 'ASP';
  /** Of the hidden layer. */
  readonly units: number;
}

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Log-odds of "same speaker" for one 1.5 s window: scale * cosine + offset. */
export interface Calibration {
  readonly scale: number;
  readonly offset: number;
}

/** What standardised scores mean (`Scorer` in the tracker): measured by `whospeaks calibrate` or with the weights. */
export interface Scoring {
  /** Of the normal density whose tail is that of different people's AS-norm scores. */
  readonly impostorMean: number;
  readonly impostorDeviation: number;
  /** Of one person's standardised scores: mean = `genuineMean` + `genuineGrowth` ln(seconds / 1.5). */
  readonly genuineMean: number;
  readonly genuineGrowth: number;
  /** How they differ from turn to turn at 1.5 s, less in longer ones; and from one speaker on one stream to another. */
  readonly turnDeviation: number;
  readonly streamDeviation: number;
}

/**
 * What tells two voices at once from one, from the statistics that the last layer reads: the share of a 1.5 s window in
 * which two are heard is 1 / (1 + exp(-(weight . statistics + bias))).
 */
export interface OverlapReadout {
  /** As long as the pooled statistics. */
  readonly weight: Float32Array;
  readonly bias: number;
}

/**
 * The one form in which weights travel through the SDK, whatever file they came from: BatchNorm folded
 * into the convolutions, convolutions laid out [out, kernel frequency, kernel time, in] (as MLX takes
 * them), float32. Names:
 * `conv1.{weight,bias}`, `layer{1-4}.{i}.conv{1,2}.{weight,bias}`, `layer{n}.{i}.shortcut.{weight,bias}`
 * where the shape changes, `embedding.weight` [dimension, 2 * 8 channels * featureSize / 8] and
 * `embedding.bias`. Pooled statistics are ordered (mean, std), each channel-major (channel, frequency).
 * Bottlenecks have a `conv3` too. Attentive pooling has `attention1.{weight,bias}` [units, column] and `attention2.weight`
 * [column, units], a column being channel-major; a first embedding layer is `hidden.{weight,bias}`.
 */
export interface CanonicalModel {
  readonly name: string;
  readonly config: ResNetConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** sha256 (hex) over the canonical tensors: profiles made by one model are refused by another. */
  readonly fingerprint: string;
  /** Present where the model's makers measured it. */
  readonly calibration?: Calibration | undefined;
  readonly scoring?: Scoring | undefined;
  /** Unit embeddings of people who are nobody's enrolled speaker, to normalise scores with. */
  readonly cohort?: readonly Float32Array[] | undefined;
  /** Present where the model's makers fitted one; no part of the fingerprint. */
  readonly overlap?: OverlapReadout | undefined;
}
