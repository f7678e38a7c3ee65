import type { EmbeddedWindow } from '../native/types.js';
import { SAMPLE_RATE_HZ, type AudioChunk } from '../stream/types.js';

/** A room goes on sounding for so long: this much is kept of what was heard before a window. */
const LEAD_SAMPLES = SAMPLE_RATE_HZ / 2;
/** Audio that waits for its windows; more than the pipeline holds between the two. */
const TAIL_SAMPLES = 16 * SAMPLE_RATE_HZ;

/** The sound of a window, and of what was heard before it. */
export interface Piece {
  readonly window: EmbeddedWindow;
  /** The window's own begin at `leadSamples`. */
  readonly samples: Float32Array;
  readonly leadSamples: number;
}

/**
 * Keeps the sound of some windows of a recording, spread evenly over it, however long it is: of every one at first, and of
 * every second one of those each time there are too many.
 */
export class KeptSpeech {
  readonly #most: number;
  /** By position in the stream, modulo its length. */
  readonly #tail = new Float32Array(TAIL_SAMPLES);
  /** What is in it: from the last gap on, at most as much as fits. */
  #startSample = 0;
  #endSample = 0;
  #pieces: Piece[] = [];
  #stride = 1;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  audio({ startSample, samples }: AudioChunk): void {
    if (startSample !== this.#endSample) this.#startSample = startSample;
    // Of a longer chunk the end alone is kept.
    const newest = samples.subarray(Math.max(0, samples.length - TAIL_SAMPLES));
    const at = (startSample + samples.length - newest.length) % TAIL_SAMPLES;
    const untilEnd = newest.subarray(0, TAIL_SAMPLES - at);
    this.#tail.set(untilEnd, at);
    this.#tail.set(newest.subarray(untilEnd.length));
    this.#endSample = startSample + samples.length;
    this.#startSample = Math.max(this.#startSample, this.#endSample - TAIL_SAMPLES);
  }

  /** A window of the audio before. */
  add(window: EmbeddedWindow): void {
    const { startSample, endSample } = window;
    if (startSample < this.#startSample || endSample > this.#endSample) return;
    if (this.#count++ % this.#stride !== 0) return;
    const from = Math.max(this.#startSample, startSample - LEAD_SAMPLES);
    const at = from % TAIL_SAMPLES;
    const samples = new Float32Array(endSample - from);
    const untilEnd = this.#tail.subarray(at, at + samples.length);
    samples.set(untilEnd);
    samples.set(this.#tail.subarray(0, samples.length - untilEnd.length), untilEnd.length);
    this.#pieces.push({ window, samples, leadSamples: startSample - from });
    if (this.#pieces.length <= this.#most) return;
    this.#pieces = this.#pieces.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }
}
