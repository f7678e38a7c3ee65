import { subtractMean } from '../fbank/subtract-mean.js';
import { nativeFrontEnd } from '../native/front-end.js';
import { COLUMN_FRAMES, type MaskEmbedder } from '../native/masked-embedder.js';
import { Framer } from '../stream/framer.js';
import { FRAME_SAMPLES, framesIn, MEL_BINS, SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/geometry.js';
import type { FrameBlock } from '../stream/types.js';
import { Rows } from './rows.js';

/** Columns that go through the network together, and beside them on either side as many as its convolutions see: 10 s, 0.64 s. */
const CHUNK_COLUMNS = 125;
const CONTEXT_COLUMNS = 8;
/** Samples that become frames at a time: bounds the memory for overlapping frames. */
const SLICE_SAMPLES = SAMPLE_RATE_HZ;

/**
 * Sound to columns of feature maps, each computed once. A chunk's mean is subtracted from its features; an embedder that hears samples has features of its own.
 */
export class FeatureColumns {
  readonly #framer = new Framer();
  readonly #logMel = nativeFrontEnd.makeLogMel();
  /** A row a frame of what the embedder hears. */
  readonly #rows: Rows;
  readonly #columns: Rows;
  #pushed = 0;
  #ended = false;

  constructor(private readonly embedder: MaskEmbedder) {
    this.#rows = new Rows(embedder.hears === 'features' ? MEL_BINS : SHIFT_SAMPLES);
    this.#columns = new Rows(embedder.columnSize);
  }

  push(samples: Float32Array): void {
    for (let at = 0; at < samples.length; at += SLICE_SAMPLES) {
      const piece = samples.subarray(at, at + SLICE_SAMPLES);
      const block = this.#framer.push({ startSample: this.#pushed, samples: piece });
      this.#pushed += piece.length;
      if (block === null) continue;
      this.#rows.append(this.embedder.hears === 'features' ? this.#logMel.compute(block) : shiftsOf(block));
    }
  }

  /** No more sound comes. */
  end(): void {
    this.#ended = true;
  }

  /** Samples that must be pushed before the columns up to `column` can be computed. */
  static samplesFor(column: number): number {
    const chunks = Math.ceil(column / CHUNK_COLUMNS);
    const frames = (chunks * CHUNK_COLUMNS + CONTEXT_COLUMNS) * COLUMN_FRAMES;
    return (frames + 2) * (SAMPLE_RATE_HZ / 100);
  }

  /** Computes the columns before `column`, as far as there is sound. Rejects as `Engine.run`. */
  async advance(column: number): Promise<void> {
    while (this.#columns.end < column) {
      const first = this.#columns.end;
      const from = Math.max(this.#rows.start, (first - CONTEXT_COLUMNS) * COLUMN_FRAMES);
      const wanted = (first + CHUNK_COLUMNS + CONTEXT_COLUMNS) * COLUMN_FRAMES;
      const to = Math.min(wanted, this.#rows.end);
      if (to < wanted && !this.#ended) throw new RangeError('columns are asked for before their sound came');
      const left = Math.min(CHUNK_COLUMNS, Math.ceil(this.#rows.end / COLUMN_FRAMES) - first);
      if (left <= 0 || to - from < this.embedder.minFrames) return;
      const rows = this.#rows.slice(from, to);
      if (this.embedder.hears === 'features') subtractMean(rows);
      const columns = await this.embedder.columns(rows, to - from);
      const skip = (first - from / COLUMN_FRAMES) * this.embedder.columnSize;
      this.#columns.append(columns.subarray(skip, skip + left * this.embedder.columnSize));
      this.#rows.dropBefore((this.#columns.end - CONTEXT_COLUMNS) * COLUMN_FRAMES);
    }
  }

  /** The columns `from` to `to` - 1; those beyond the end of the sound are zeros. */
  slice(from: number, to: number): Float32Array {
    const there = Math.min(to, this.#columns.end);
    const slice = new Float32Array((to - from) * this.embedder.columnSize);
    if (there > from) slice.set(this.#columns.slice(from, there));
    return slice;
  }

  dropBefore(column: number): void {
    this.#columns.dropBefore(column);
  }
}

/** The first shift of each frame: together the sound, but for the end of the last one. */
function shiftsOf({ count, samples }: FrameBlock): Float32Array {
  const sound = new Float32Array(count * SHIFT_SAMPLES);
  for (let i = 0; i < count; i++) {
    sound.set(samples.subarray(i * FRAME_SAMPLES, i * FRAME_SAMPLES + SHIFT_SAMPLES), i * SHIFT_SAMPLES);
  }
  return sound;
}

/** Columns that so many samples have. */
export function columnsIn(samples: number): number {
  return Math.ceil(framesIn(samples) / COLUMN_FRAMES);
}
