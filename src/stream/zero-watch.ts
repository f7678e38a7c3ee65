import { SAMPLE_RATE_HZ, type AudioChunk } from './types.js';

/** Zeros in a row at the very start of a live source that are taken for a refused permission. */
export const ZERO_START_SAMPLES = 3 * SAMPLE_RATE_HZ;
/** Zeros in a row later on: longer, because a muted microphone also sends zeros for a while. */
export const ZERO_LATER_SAMPLES = 10 * SAMPLE_RATE_HZ;

/**
 * Notices a live source that delivers nothing but exact zeros, which is what a refused microphone
 * permission looks like (macOS) and what a muted or wrong device sends: the first 3 s, or any 10 s in a
 * row later. A real microphone has noise, so exact zeros are not silence. Reports each run once.
 */
export class ZeroWatch {
  #runStart = 0;
  #endSample = 0;
  #heard = false;
  #reported = false;

  /** Position where a run of zeros that has just grown too long began, or null. */
  push(chunk: AudioChunk): number | null {
    const { startSample, samples } = chunk;
    if (startSample !== this.#endSample) this.#restart(startSample);
    this.#endSample = startSample + samples.length;
    for (let i = samples.length - 1; i >= 0; i--) {
      if (samples[i] !== 0) {
        this.#heard = true;
        const alarm = this.#alarm(startSample + firstNonZero(samples));
        this.#restart(startSample + i + 1);
        return alarm;
      }
    }
    return this.#alarm(this.#endSample);
  }

  #alarm(zerosUntil: number): number | null {
    const fromStart = this.#runStart === 0;
    const limit = fromStart ? ZERO_START_SAMPLES : ZERO_LATER_SAMPLES;
    if (this.#reported || zerosUntil - this.#runStart < limit) return null;
    this.#reported = true;
    return this.#runStart;
  }

  /** Whether any sample so far was other than zero. */
  get heardSound(): boolean {
    return this.#heard;
  }

  save(): { runStart: number; endSample: number; heard: boolean; reported: boolean } {
    return {
      runStart: this.#runStart,
      endSample: this.#endSample,
      heard: this.#heard,
      reported: this.#reported,
    };
  }

  load({ runStart, endSample, heard, reported }: ReturnType<ZeroWatch['save']>): void {
    this.#runStart = runStart;
    this.#endSample = endSample;
    this.#heard = heard;
    this.#reported = reported;
  }

  #restart(at: number): void {
    this.#runStart = at;
    this.#reported = false;
  }
}

function firstNonZero(samples: Float32Array): number {
  let i = 0;
  while (samples[i] === 0) i++;
  return i;
}
