import { UNKNOWN } from '../events/events.js';
import type { Belief } from './turn-teller.js';

/** Probability from which a label is emitted at once. */
const TELL_PROBABILITY = 0.6;
/** The same at the beginning of a stretch of speech. */
const TELL_FIRST_PROBABILITY = 0.75;
/** Speech after which the most probable label is emitted, however probable. */
const PATIENCE_FRAMES = 125;

/** The turn in progress, and its last report. */
export interface Candidate {
  readonly belief: Belief;
  /** Of the label, and of the one voice. */
  readonly verdict: { readonly probability: number; readonly voiceProbability: number };
  /** The last report, if any. */
  readonly told: Belief | undefined;
  /** Frames of its speech that were heard. */
  readonly heard: number;
  /** How far the stream has come. */
  readonly atSample: number;
  /** The turn is the first after silence. */
  readonly isFirst: boolean;
  readonly isAfterPause: boolean;
}

/** Decides when the most probable label is reported, so that labels do not flicker. */
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
    // A turn of some unknown speaker is no evidence for the label of another one.
    if (told !== undefined && isOneStrangers(told) && !belief.known) {
      return verdict.voiceProbability >= TELL_PROBABILITY && isAgreed;
    }
    const isSure = verdict.probability >= (isFirst ? TELL_FIRST_PROBABILITY : TELL_PROBABILITY);
    const isDue = isSure || heard >= PATIENCE_FRAMES;
    // Within a stretch two windows must agree: one odd window is not a change of speaker.
    return isDue && (isFirst || isAfterPause || isAgreed);
  }

  /** `label` is now called `speaker`: the next window need not agree. */
  rename(label: string, speaker: string): void {
    if (this.#before === label || this.#next === label) this.#before = this.#next = speaker;
  }

  save(): { before: string | null; next: string | null; atSample: number } {
    return { before: this.#before, next: this.#next, atSample: this.#atSample };
  }

  load({ before, next, atSample }: ReturnType<LabelGate['save']>): void {
    this.#before = before;
    this.#next = next;
    this.#atSample = atSample;
  }

  /** Silence. */
  rest(): void {
    this.#before = this.#next = null;
  }
}

/** Reported under the label of one unknown speaker. */
export function isOneStrangers({ known, speaker }: Belief): boolean {
  return !known && speaker !== UNKNOWN;
}
