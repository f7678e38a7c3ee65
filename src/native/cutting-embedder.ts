import { WhospeaksError } from '../errors.js';
import { SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/geometry.js';
import type { Engine } from './engine.js';
import { COLUMN_FRAMES, type MaskEmbedder } from './masked-embedder.js';
import type { NetworkInput } from './onnx/front-end.js';

/** Less sound than that does not identify a voice; a shorter cut is repeated. */
const MIN_SAMPLES = SAMPLE_RATE_HZ / 2;

/**
 * Embeds under masks with a network that cannot be run in two halves: what a mask leaves of the sound is cut out, joined and
 * embedded.
 */
export class CuttingEmbedder implements MaskEmbedder {
  readonly hears = 'samples';
  readonly columnSize = COLUMN_FRAMES * SHIFT_SAMPLES;
  readonly minFrames = 1;

  constructor(
    private readonly engine: Engine,
    readonly dimension: number,
    private readonly frontEnd: (samples: Float32Array) => NetworkInput,
  ) {}

  /** A last column that is not full is filled up with zeros. */
  columns(rows: Float32Array, frames: number): Promise<Float32Array> {
    const columns = new Float32Array(Math.ceil(frames / COLUMN_FRAMES) * this.columnSize);
    columns.set(rows);
    return Promise.resolve(columns);
  }

  /** Of each mask the columns of more than half its greatest weight. Rejects as `Engine.run`. */
  pool(columns: Float32Array, masks: readonly Float32Array[]): Promise<Float32Array[]> {
    return Promise.all(
      masks.map((mask) => {
        if (mask.length * this.columnSize !== columns.length) {
          const width = columns.length / this.columnSize;
          throw new WhospeaksError('engine-failed', `a mask of ${mask.length} weights for ${width} columns`);
        }
        const { features, frames } = this.frontEnd(this.#cut(columns, mask));
        return this.engine.embed(features, frames);
      }),
    );
  }

  /** The engine is the model's, which closes it. */
  close(): void {
    return;
  }

  #cut(columns: Float32Array, mask: Float32Array): Float32Array {
    const least = Math.max(...mask) / 2;
    const kept = [...mask.keys()].filter((column) => mask[column]! > least);
    // A mask of nothing keeps the first column: there is no embedding of no sound.
    if (kept.length === 0) kept.push(0);
    const once = kept.length * this.columnSize;
    const cut = new Float32Array(
      Math.ceil(MIN_SAMPLES / once) > 1 ? Math.ceil(MIN_SAMPLES / once) * once : once,
    );
    for (let at = 0; at < cut.length; at += this.columnSize) {
      const from = kept[(at / this.columnSize) % kept.length]! * this.columnSize;
      cut.set(columns.subarray(from, from + this.columnSize), at);
    }
    return cut;
  }
}
