import { UNKNOWN } from './events.js';
import type { Verdict } from './judge.js';
import type { Belief } from './turn-teller.js';

/** Probability from which a label is emitted at once. */
const TELL_PROBABILITY = 0.6;
/** The same at the beginning of a stretch of speech. */
const TELL_FIRST_PROBABILITY = 0.75;
/** Speech after which the most probable label is emitted, however probable. */
const PATIENCE_FRAMES = 125;

/** The turn in progress, and what was told of it. */
export interface Candidate {
  readonly belief: Belief;
  readonly verdict: Verdict;
  /** What was told last, if anything. */
  readonly told: Belief | undefined;
  /** Frames of its speech that were heard. */
  readonly heard: number;
  /** How far the stream has come. */
  readonly atSample: number;
  /** Nobody spoke just before the stretch of speech that the turn is the first of. */
  readonly isFirst: boolean;
  readonly isAfterPause: boolean;
}

/** Decides when the label that is likeliest at this moment is told, so that none flickers. */
export class LabelGate {
  /** Likeliest label at the window before the last, and at the last, which came at `#atSample`. */
  #before: string | null = null;
  #next: string | null = null;
  #atSample = 0;

  /** Whether to tell. Asked again of the same window, after a command, that window counts once. */
  opens({ belief, verdict, told, heard, atSample, isFirst, isAfterPause }: Candidate): boolean {
    if (atSample > this.#atSample) this.#before = this.#next;
    this.#atSample = atSample;
    this.#next = belief.speaker;
    const isAgreed = belief.speaker === this.#before;
    if (told?.speaker === belief.speaker) return true;
    // That it is surely some stranger is no reason to call one by the label of another.
    if (told !== undefined && isOneStrangers(told) && !belief.known) {
      return verdict.voiceProbability >= TELL_PROBABILITY && isAgreed;
    }
    const isSure = verdict.probability >= (isFirst ? TELL_FIRST_PROBABILITY : TELL_PROBABILITY);
    const isDue = isSure || heard >= PATIENCE_FRAMES;
    // Within a stretch two windows must agree: one odd window is not a change of speaker.
    return isDue && (isFirst || isAfterPause || isAgreed);
  }

  /** Whoever was called `label` is called `speaker` now: the next window need not agree. */
  rename(label: string, speaker: string): void {
    if (this.#before === label || this.#next === label) this.#before = this.#next = speaker;
  }

  /** Nobody speaks any more. */
  rest(): void {
    this.#before = this.#next = null;
  }
}

/** Told under a label that is one stranger's alone. */
export function isOneStrangers({ known, speaker }: Belief): boolean {
  return !known && speaker !== UNKNOWN;
}
