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
    for (const [i, sample] of samples.entries()) this.#tail[(startSample + i) % TAIL_SAMPLES] = sample;
    this.#endSample = startSample + samples.length;
    this.#startSample = Math.max(this.#startSample, this.#endSample - TAIL_SAMPLES);
  }

  /** A window of the audio before. */
  add(window: EmbeddedWindow): void {
    const { startSample, endSample } = window;
    if (startSample < this.#startSample || endSample > this.#endSample) return;
    if (this.#count++ % this.#stride !== 0) return;
    const from = Math.max(this.#startSample, startSample - LEAD_SAMPLES);
    const samples = Float32Array.from(
      { length: endSample - from },
      (_, i) => this.#tail[(from + i) % TAIL_SAMPLES]!,
    );
    this.#pieces.push({ window, samples, leadSamples: startSample - from });
    if (this.#pieces.length <= this.#most) return;
    this.#pieces = this.#pieces.filter((_, i) => i % 2 === 0);
    this.#stride *= 2;
  }
}
