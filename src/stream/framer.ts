import { FRAME_SAMPLES, framesIn, SHIFT_SAMPLES } from './geometry.js';
import type { AudioChunk, FrameBlock } from './types.js';

/**
 * Cuts mono 16 kHz audio into 25 ms frames every 10 ms, as Kaldi does with `snip_edges`: n samples in
 * a row give floor((n - 400) / 160) + 1 frames, none where n < 400. The frames do not depend on how the
 * audio was cut into chunks. Where a chunk starts beyond the end of the one before, the audio between
 * was lost and framing starts anew at the chunk, so that no frame spans the hole.
 */
export class Framer {
  #tail: Float32Array = new Float32Array(0);
  #tailStart = 0;
  #endSample = 0;

  /** End of the stream so far: one past the last sample pushed, frames or not. */
  get endSample(): number {
    return this.#endSample;
  }

  /** All frames that this chunk completes, as one block; null where it completes none. */
  push(chunk: AudioChunk): FrameBlock | null {
    if (chunk.startSample !== this.#endSample) {
      this.#tail = new Float32Array(0);
      this.#tailStart = chunk.startSample;
    }
    this.#endSample = chunk.startSample + chunk.samples.length;

    const have = this.#tail.length + chunk.samples.length;
    const run = new Float32Array(have);
    run.set(this.#tail);
    run.set(chunk.samples, this.#tail.length);
    const count = framesIn(have);
    if (count === 0) {
      this.#tail = run;
      return null;
    }
    const samples = new Float32Array(count * FRAME_SAMPLES);
    for (let i = 0; i < count; i++) {
      const at = i * SHIFT_SAMPLES;
      samples.set(run.subarray(at, at + FRAME_SAMPLES), i * FRAME_SAMPLES);
    }
    const startSample = this.#tailStart;
    this.#tail = run.slice(count * SHIFT_SAMPLES);
    this.#tailStart += count * SHIFT_SAMPLES;
    return { startSample, count, samples };
  }

  save(): { tail: Float32Array; tailStart: number; endSample: number } {
    return { tail: this.#tail, tailStart: this.#tailStart, endSample: this.#endSample };
  }

  load({ tail, tailStart, endSample }: ReturnType<Framer['save']>): void {
    this.#tail = tail;
    this.#tailStart = tailStart;
    this.#endSample = endSample;
  }

  /**
   * The stream is over. Snipped edges leave no frame behind: what is returned is where the stream
   * ended, so that its last fraction of a frame is still counted.
   */
  flush(): number {
    this.#tail = new Float32Array(0);
    this.#tailStart = this.#endSample;
    return this.#endSample;
  }
}
