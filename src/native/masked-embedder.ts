import { WhospeaksError } from '../errors.js';
import { describeFeatures } from '../model/network.js';
import type { CanonicalModel } from '../model/types.js';
import { fromNativeError, type NativeMaskedPooling } from './addon.js';
import { Engine, nativeTensors, type EngineOptions } from './engine.js';
import { loadAddon } from './load-addon.js';

/** Frames of features that one column of the feature maps stands for: column j those around frame 8 j. */
export const COLUMN_FRAMES = 8;

/**
 * What embeds the speakers of a recording under masks: sound becomes columns once, and columns are embedded as often as
 * there are masks.
 */
export interface MaskEmbedder {
  /** What a frame of `columns` is: our features, or the 160 samples of its shift. */
  readonly hears: 'features' | 'samples';
  /** Numbers in a column. */
  readonly columnSize: number;
  /** Numbers in an embedding. */
  readonly dimension: number;
  /** Frames that `columns` takes at the least. */
  readonly minFrames: number;
  /** frames x 80 features whose mean is subtracted, or frames x 160 samples, to ceil(frames / 8) columns. */
  columns(rows: Float32Array, frames: number): Promise<Float32Array>;
  /** One weight a column and mask, not negative; of each mask one embedding, not L2-normalised. */
  pool(columns: Float32Array, masks: readonly Float32Array[]): Promise<Float32Array[]>;
  close(): void;
}

/**
 * The embedding network in two halves: its convolutions run once over a stretch of sound, and what they give, columns of
 * feature maps, is pooled as often as there are masks. With a mask of ones over a whole window both halves together are
 * the network itself.
 */
export class MaskedEmbedder implements MaskEmbedder {
  readonly hears = 'features';
  readonly columnSize: number;
  readonly dimension: number;
  readonly minFrames: number;
  readonly #rows: number;
  readonly #channels: number;
  readonly #engine: Engine;
  readonly #pooling: NativeMaskedPooling;

  private constructor(
    rows: number,
    channels: number,
    dimension: number,
    engine: Engine,
    pooling: NativeMaskedPooling,
  ) {
    this.#rows = rows;
    this.#channels = channels;
    this.columnSize = rows * channels;
    this.dimension = dimension;
    this.minFrames = engine.minFrames;
    this.#engine = engine;
    this.#pooling = pooling;
  }

  /** Rejects as `Engine.create`. */
  static async create(model: CanonicalModel, options?: EngineOptions): Promise<MaskedEmbedder> {
    const { maps, pooling, rows, channels } = describeFeatures(model);
    const engine = await Engine.forNetwork(maps, options);
    try {
      const native = loadAddon().createMaskedPooling(pooling, nativeTensors(pooling));
      return new MaskedEmbedder(rows, channels, model.config.dimension, engine, native);
    } catch (error) {
      engine.close();
      throw fromNativeError(error);
    }
  }

  /**
   * @param features frames x mel bins, the mean subtracted
   * @returns ceil(frames / 8) columns, each rows x channels. Rejects as `Engine.run`.
   */
  async columns(features: Float32Array, frames: number): Promise<Float32Array> {
    const { features: maps } = await this.#engine.run(features, frames);
    const rows = this.#rows;
    const channels = this.#channels;
    const width = maps!.length / this.columnSize;
    const columns = new Float32Array(maps!.length);
    for (let row = 0; row < rows; row++) {
      for (let t = 0; t < width; t++) {
        const from = (row * width + t) * channels;
        columns.set(maps!.subarray(from, from + channels), (t * rows + row) * channels);
      }
    }
    return columns;
  }

  /**
   * @param columns width x columnSize
   * @param masks one weight a column, not negative; of each mask one embedding
   * @returns not L2-normalised. Rejects with `engine-failed` where the shapes do not fit.
   */
  async pool(columns: Float32Array, masks: readonly Float32Array[]): Promise<Float32Array[]> {
    if (masks.length === 0) return [];
    const width = columns.length / this.columnSize;
    const joined = new Float32Array(masks.length * width);
    for (const [i, mask] of masks.entries()) {
      if (mask.length !== width) {
        throw new WhospeaksError('engine-failed', `a mask of ${mask.length} weights for ${width} columns`);
      }
      joined.set(mask, i * width);
    }
    try {
      const all = await this.#pooling.pool(columns, width, joined, masks.length);
      return masks.map((_, i) => all.slice(i * this.dimension, (i + 1) * this.dimension));
    } catch (error) {
      throw fromNativeError(error);
    }
  }

  /** Frees the weights. */
  close(): void {
    this.#engine.close();
  }
}
