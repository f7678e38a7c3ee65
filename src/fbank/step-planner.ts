import { MEL_BINS } from './types.js';

/** A pause in the new part of the stream that may hide a change of speaker. */
const PAUSE_FRAMES = 10;
/** Speech needed on both sides to compare them. */
const MIN_COMPARED_FRAMES = 15;
/** Mean square distance of the means, in standard deviations, above which the voice may have changed. */
const CHANGE_DISTANCE = 0.7;

/** The window that could be embedded now: its features and flags, and which of its frames no step covered. */
export interface Prospect {
  /** frames x MEL_BINS log-mel features. */
  readonly features: Float32Array;
  /** One flag a frame; 0 where there is silence. */
  readonly speech: Uint8Array;
  readonly newFrames: number;
}

/**
 * Decides which windows to embed when the step adapts: every one near a pause, near a change in the mean
 * spectrum and through the first window's length after it; one in `maxSkipped + 1` in between; none in
 * silence. It only looks at the past.
 */
export class StepPlanner {
  readonly #windowFrames: number;
  readonly #maxSkipped: number;
  /** Frames for which every window is still wanted. */
  #alertFrames: number;
  #skipped = 0;
  #unheardSpeech = 0;

  constructor(windowFrames: number, maxSkipped: number) {
    this.#windowFrames = windowFrames;
    this.#maxSkipped = maxSkipped;
    this.#alertFrames = 2 * windowFrames;
  }

  /** Whether to embed this window; to be asked for every window in turn. */
  wants(prospect: Prospect): boolean {
    const { speech, newFrames } = prospect;
    const fresh = speech.subarray(speech.length - newFrames);
    this.#unheardSpeech += count(fresh);
    if (isChangeLikely(prospect)) this.#alertFrames = Math.max(this.#alertFrames, this.#windowFrames);
    const isWanted = this.#unheardSpeech > 0 && (this.#alertFrames > 0 || this.#skipped >= this.#maxSkipped);
    this.#alertFrames = Math.max(0, this.#alertFrames - newFrames);
    this.#skipped = isWanted ? 0 : this.#skipped + 1;
    if (isWanted) this.#unheardSpeech = 0;
    return isWanted;
  }

  save(): Record<'alertFrames' | 'skipped' | 'unheardSpeech', number> {
    return { alertFrames: this.#alertFrames, skipped: this.#skipped, unheardSpeech: this.#unheardSpeech };
  }

  load({ alertFrames, skipped, unheardSpeech }: ReturnType<StepPlanner['save']>): void {
    this.#alertFrames = alertFrames;
    this.#skipped = skipped;
    this.#unheardSpeech = unheardSpeech;
  }

  /** A new run begins. */
  reset(): void {
    this.#alertFrames = 2 * this.#windowFrames;
    this.#skipped = 0;
    this.#unheardSpeech = 0;
  }
}

function isChangeLikely({ features, speech, newFrames }: Prospect): boolean {
  const from = speech.length - newFrames;
  if (hasPause(speech, Math.max(0, from - PAUSE_FRAMES))) return true;
  return distance(features, speech, from) > CHANGE_DISTANCE;
}

function hasPause(speech: Uint8Array, from: number): boolean {
  let silent = 0;
  for (let i = from; i < speech.length; i++) {
    silent = speech[i] === 0 ? silent + 1 : 0;
    if (silent >= PAUSE_FRAMES) return true;
  }
  return false;
}

/** Between the mean log-mel spectra of the speech before and after frame `split`, a mean over the bins. */
function distance(features: Float32Array, speech: Uint8Array, split: number): number {
  const before = count(speech.subarray(0, split));
  const after = count(speech.subarray(split));
  if (Math.min(before, after) < MIN_COMPARED_FRAMES) return 0;
  let total = 0;
  for (let bin = 0; bin < MEL_BINS; bin++) {
    let sumBefore = 0;
    let sumAfter = 0;
    let squares = 0;
    for (let i = 0; i < speech.length; i++) {
      if (speech[i] === 0) continue;
      const value = features[i * MEL_BINS + bin]!;
      if (i < split) sumBefore += value;
      else sumAfter += value;
      squares += value * value;
    }
    const mean = (sumBefore + sumAfter) / (before + after);
    const variance = squares / (before + after) - mean * mean;
    const apart = sumBefore / before - sumAfter / after;
    total += (apart * apart) / Math.max(variance, 1e-3);
  }
  return total / MEL_BINS;
}

function count(flags: Uint8Array): number {
  let speech = 0;
  for (const flag of flags) if (flag !== 0) speech += 1;
  return speech;
}
