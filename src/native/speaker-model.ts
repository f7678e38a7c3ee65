import type { FeatureWindow } from '../fbank/types.js';
import { countMultiplyAdds, readModel, resolveModel } from '../model/index.js';
import type { Calibration, CanonicalModel, Scoring } from '../model/types.js';
import { framesIn, MEL_BINS, msToSamples, WINDOW_FRAMES } from '../stream/geometry.js';
import { Engine, type EngineOptions } from './engine.js';
import { MaskedEmbedder } from './masked-embedder.js';
import { recordingFeatures } from './recording.js';
import type { WindowEmbedding } from './types.js';
import { normalize } from './vectors.js';

/** 40 s. Longer recordings go through the network in pieces of equal length; of large networks in shorter ones. */
const MAX_PIECE_FRAMES = 4000;
/** 0.5 s: shorter speech does not identify a voice. */
export const MIN_EMBED_FRAMES = framesIn(msToSamples(500));

export type SpeakerModelOptions = EngineOptions;

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
  /** Multiply-adds of one window of 1.5 s. */
  readonly windowMultiplyAdds: number;
  /** cpu or mlx. */
  readonly engineName: string;
  /** The device that the engine computes on, as text. */
  readonly device: string;
  readonly #engine: Engine;
  readonly #weights: CanonicalModel;
  readonly #options: SpeakerModelOptions | undefined;

  private constructor(model: CanonicalModel, engine: Engine, options: SpeakerModelOptions | undefined) {
    this.name = model.name;
    this.fingerprint = model.fingerprint;
    this.calibration = model.calibration;
    this.scoring = model.scoring;
    this.cohort = model.cohort;
    this.dimension = model.config.dimension;
    this.windowMultiplyAdds = countMultiplyAdds(model.config, WINDOW_FRAMES);
    this.engineName = engine.name;
    this.device = engine.device;
    this.#engine = engine;
    this.#weights = model;
    this.#options = options;
  }

  /**
   * Load a model by name (fetched first if need be), file or folder; the bundled one where none is named. Rejects with a `model-*`
   * code, `addon-missing`, `engine-unavailable` or `invalid-option`.
   */
  static async fromPretrained(nameOrPath?: string, options?: SpeakerModelOptions): Promise<SpeakerModel> {
    return SpeakerModel.fromWeights(await readModel(await resolveModel(nameOrPath)), options);
  }

  /** A model from weights that are in memory already. */
  static async fromWeights(model: CanonicalModel, options?: SpeakerModelOptions): Promise<SpeakerModel> {
    return new SpeakerModel(model, await Engine.create(model, options), options);
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
    const { features, frames } = await recordingFeatures(samples, sampleRateHz, MIN_EMBED_FRAMES);
    const pieces = Math.ceil(frames / Math.min(MAX_PIECE_FRAMES, this.#engine.maxFrames));
    const sum = new Float32Array(this.dimension);
    for (let piece = 0; piece < pieces; piece++) {
      const first = Math.floor((frames * piece) / pieces);
      const last = Math.floor((frames * (piece + 1)) / pieces);
      const embedding = await this.#engine.embed(
        features.subarray(first * MEL_BINS, last * MEL_BINS),
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
  async embedWindow({
    features,
    frames,
  }: Pick<FeatureWindow, 'features' | 'frames'>): Promise<WindowEmbedding> {
    const { embedding, overlap } = await this.#engine.run(features, frames);
    const heard = { embedding: normalize(embedding!) };
    return overlap === undefined ? heard : { ...heard, overlap: 1 / (1 + Math.exp(-overlap[0]!)) };
  }

  /**
   * The same network in two halves, for recordings whose speakers are embedded under masks. It has an engine and a copy of the
   * weights of its own: close it after use. Rejects as `fromWeights`.
   */
  maskedEmbedder(options?: SpeakerModelOptions): Promise<MaskedEmbedder> {
    return MaskedEmbedder.create(this.#weights, { ...this.#options, ...options });
  }

  /** Frees the weights; what waits or runs is rejected with `engine-closed`. */
  close(): void {
    this.#engine.close();
  }
}
