import { WhospeaksError } from '../errors.js';
import type { FeatureWindow } from '../fbank/types.js';
import type { ForeignModel, ForeignNetwork } from '../model/index.js';
import { countMultiplyAdds } from '../model/plan.js';
import type { Calibration, CanonicalModel, Scoring } from '../model/types.js';
import { framesIn, msToSamples, WINDOW_FRAMES } from '../stream/geometry.js';
import { Engine, type EngineOptions } from './engine.js';
import { CuttingEmbedder } from './cutting-embedder.js';
import { MaskedEmbedder, type MaskEmbedder } from './masked-embedder.js';
import { makeFrontEnd, type NetworkInput } from './onnx/front-end.js';
import { openEmbedding } from './pretrained.js';
import { featuresOf, recordingSamples } from './recording.js';
import type { WindowEmbedding } from './types.js';
import { normalize } from './vectors.js';

/** 40 s. Longer recordings go through the network in pieces of equal length; of large networks in shorter ones. */
const MAX_PIECE_FRAMES = 4000;
/** 0.5 s: shorter speech does not identify a voice. */
export const MIN_EMBED_FRAMES = framesIn(msToSamples(500));

export type SpeakerModelOptions = EngineOptions;

/** What a network hears of a window or of a recording. */
interface Ears {
  ofWindow(window: EmbeddableWindow): NetworkInput;
  /** 16 kHz. */
  ofSamples(samples: Float32Array): NetworkInput;
}

/** A window as the network needs it. `samples` is for networks that have features of their own. */
export type EmbeddableWindow = Pick<FeatureWindow, 'features' | 'frames' | 'samples'>;

/** Ours are computed with the windows already. */
const OUR_FEATURES: Ears = { ofWindow: (window) => window, ofSamples: featuresOf };

function earsOf({ frontEnd }: ForeignNetwork): Ears {
  const ofSamples = makeFrontEnd(frontEnd);
  return {
    ofSamples,
    ofWindow: ({ samples }) => {
      if (samples !== undefined) return ofSamples(samples);
      throw new WhospeaksError(
        'engine-failed',
        'this model computes features of its own, and the window came without its samples',
      );
    },
  };
}

/** A network that runs, and what is known of it. */
interface Parts extends ModelFacts {
  readonly dimension: number;
  readonly windowMultiplyAdds: number | undefined;
  readonly engine: Engine;
  readonly ears: Ears;
  readonly makeMaskEmbedder: (options?: SpeakerModelOptions) => Promise<MaskEmbedder>;
}
type ModelFacts = Pick<CanonicalModel, 'name' | 'fingerprint' | 'calibration' | 'scoring' | 'cohort'>;

/**
 * A speaker embedding network with its weights: audio or feature windows in, one L2-normalised vector out.
 * Two embeddings compare by `cosineSimilarity`, if their models' fingerprints are the same.
 */
export class SpeakerModel {
  readonly name: string;
  readonly fingerprint: string;
  /** Present where the model's makers measured it. */
  readonly calibration: Calibration | undefined;
  readonly scoring: Scoring | undefined;
  /** Embeddings of speakers who are not enrolled; present if they came with the model. */
  readonly cohort: readonly Float32Array[] | undefined;
  /** Numbers in an embedding. */
  readonly dimension: number;
  /** Multiply-adds of one window of 1.5 s; undefined where onnxruntime runs the network. */
  readonly windowMultiplyAdds: number | undefined;
  /** cpu, mlx or onnx. */
  readonly engineName: string;
  /** The device that the engine computes on, as text. */
  readonly device: string;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.name = parts.name;
    this.fingerprint = parts.fingerprint;
    this.calibration = parts.calibration;
    this.scoring = parts.scoring;
    this.cohort = parts.cohort;
    this.dimension = parts.dimension;
    this.windowMultiplyAdds = parts.windowMultiplyAdds;
    this.engineName = parts.engine.name;
    this.device = parts.engine.device;
    this.#parts = parts;
  }

  /**
   * Load a model by name (fetched first if need be), file or folder; the bundled one where none is named. An ONNX file of a
   * network that our engines do not run goes to onnxruntime-node. Rejects with a `model-*` code, `addon-missing`,
   * `engine-unavailable` or `invalid-option`.
   */
  static async fromPretrained(nameOrPath?: string, options?: SpeakerModelOptions): Promise<SpeakerModel> {
    const any = await openEmbedding(nameOrPath, options?.engine === 'onnx');
    return any.kind === 'foreign'
      ? SpeakerModel.#fromForeign(any.model, options)
      : SpeakerModel.fromWeights(any.model, options);
  }

  /** A model from weights that are in memory already. */
  static async fromWeights(model: CanonicalModel, options?: SpeakerModelOptions): Promise<SpeakerModel> {
    return new SpeakerModel({
      ...factsOf(model),
      dimension: model.config.dimension,
      windowMultiplyAdds: countMultiplyAdds(model.config, WINDOW_FRAMES),
      engine: await Engine.create(model, options),
      ears: OUR_FEATURES,
      makeMaskEmbedder: (more) => MaskedEmbedder.create(model, { ...options, ...more }),
    });
  }

  static async #fromForeign(model: ForeignModel, options?: SpeakerModelOptions): Promise<SpeakerModel> {
    const { engine, dimension } = await Engine.forForeign(model.network, options);
    const ears = earsOf(model.network);
    return new SpeakerModel({
      ...factsOf(model),
      dimension,
      windowMultiplyAdds: undefined,
      engine,
      ears,
      // The session is large and its runs are one after another: the two share it.
      makeMaskEmbedder: () =>
        Promise.resolve(new CuttingEmbedder(engine, dimension, (samples) => ears.ofSamples(samples))),
    });
  }

  /**
   * One embedding of a whole mono recording of one voice, -1 to 1, at least 0.5 s. Of more than 40 s,
   * pieces of equal length are embedded and averaged before normalising: where the embedding is linear in the
   * pooled statistics, that is the average of those.
   *
   * @returns `dimension` numbers, L2-normalised.
   * Rejects with `invalid-option` (no Float32Array), `audio-not-finite`, `audio-unsupported`, `speech-too-short`,
   * `engine-failed` or `engine-closed`.
   */
  async embed(samples: Float32Array, sampleRateHz: number): Promise<Float32Array> {
    const { engine, ears } = this.#parts;
    const whole = await recordingSamples(samples, sampleRateHz, MIN_EMBED_FRAMES);
    const { features, frames } = ears.ofSamples(whole);
    // Frames of a network that hears samples are samples.
    const most = engine.inputSize === 1 ? engine.maxFrames : Math.min(MAX_PIECE_FRAMES, engine.maxFrames);
    const pieces = Math.ceil(frames / most);
    const sum = new Float32Array(this.dimension);
    for (let piece = 0; piece < pieces; piece++) {
      const first = Math.floor((frames * piece) / pieces);
      const last = Math.floor((frames * (piece + 1)) / pieces);
      const embedding = await engine.embed(
        features.subarray(first * engine.inputSize, last * engine.inputSize),
        last - first,
      );
      for (let i = 0; i < sum.length; i++) sum[i]! += embedding[i]! * (last - first);
    }
    return normalize(sum);
  }

  /**
   * The embedding of one window of features, and whether two voices are heard in it. Windows that wait are embedded in
   * batches. Rejects as `Engine.run` does.
   */
  async embedWindow(window: EmbeddableWindow): Promise<WindowEmbedding> {
    const { engine, ears } = this.#parts;
    const { features, frames } = ears.ofWindow(window);
    const { embedding, overlap } = await engine.run(features, frames);
    const heard = { embedding: normalize(embedding!) };
    return overlap === undefined ? heard : { ...heard, overlap: 1 / (1 + Math.exp(-overlap[0]!)) };
  }

  /**
   * The same network for recordings whose speakers are embedded under masks. Ours are run in two halves, with an engine and a
   * copy of the weights of their own: close it after use. Rejects as `fromWeights`.
   */
  maskedEmbedder(options?: SpeakerModelOptions): Promise<MaskEmbedder> {
    return this.#parts.makeMaskEmbedder(options);
  }

  /** The same network, with what was measured of it. Either may be closed, which closes both. */
  withMeasures(measures: Pick<CanonicalModel, 'calibration' | 'scoring' | 'cohort'>): SpeakerModel {
    return new SpeakerModel({ ...this.#parts, ...measures });
  }

  /** Frees the weights; what waits or runs is rejected with `engine-closed`. */
  close(): void {
    this.#parts.engine.close();
  }
}

function factsOf({ name, fingerprint, calibration, scoring, cohort }: ModelFacts): ModelFacts {
  return { name, fingerprint, calibration, scoring, cohort };
}
