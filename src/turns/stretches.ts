import { SHIFT_SAMPLES } from '../stream/types.js';
import type { SpeechTrack } from '../fbank/speech-track.js';

/** A stretch of speech opened, or closed after a long enough pause. `sample` is its first or last edge. */
export interface StretchEdge {
  readonly kind: 'open' | 'close';
  readonly sample: number;
}

/**
 * Cuts the stream into stretches of speech: pauses shorter than `minSilenceSamples` belong to a stretch,
 * and one with less speech than `minSpeechSamples` (a click, a cough) never opens.
 */
export class Stretches {
  readonly #minSilenceSamples: number;
  readonly #minSpeechSamples: number;
  #start: number | null = null;
  #isOpen = false;
  #speechSamples = 0;
  #speechEnd = 0;

  constructor(minSilenceSamples: number, minSpeechSamples: number) {
    this.#minSilenceSamples = minSilenceSamples;
    this.#minSpeechSamples = minSpeechSamples;
  }

  /** Read the flags of [from, to), frame by frame. */
  scan(track: SpeechTrack, from: number, to: number): StretchEdge[] {
    const edges: StretchEdge[] = [];
    for (let at = from; at < to; at += SHIFT_SAMPLES) {
      const end = Math.min(at + SHIFT_SAMPLES, to);
      if (track.isSpeech(at)) this.#speech(at, end, edges);
      else if (this.#start !== null && end - this.#speechEnd >= this.#minSilenceSamples)
        edges.push(...this.close());
    }
    return edges;
  }

  /** The stream ends or is interrupted here. */
  close(): StretchEdge[] {
    const edges: StretchEdge[] = this.#isOpen ? [{ kind: 'close', sample: this.#speechEnd }] : [];
    this.#start = null;
    this.#isOpen = false;
    this.#speechSamples = 0;
    return edges;
  }

  save(): { start: number | null; isOpen: boolean; speechSamples: number; speechEnd: number } {
    return {
      start: this.#start,
      isOpen: this.#isOpen,
      speechSamples: this.#speechSamples,
      speechEnd: this.#speechEnd,
    };
  }

  load({ start, isOpen, speechSamples, speechEnd }: ReturnType<Stretches['save']>): void {
    this.#start = start;
    this.#isOpen = isOpen;
    this.#speechSamples = speechSamples;
    this.#speechEnd = speechEnd;
  }

  #speech(at: number, end: number, edges: StretchEdge[]): void {
    this.#start ??= at;
    this.#speechSamples += end - at;
    this.#speechEnd = end;
    if (this.#isOpen || this.#speechSamples < this.#minSpeechSamples) return;
    this.#isOpen = true;
    edges.push({ kind: 'open', sample: this.#start });
  }
}
