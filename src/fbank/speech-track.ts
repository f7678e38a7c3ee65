import { SHIFT_SAMPLES } from '../stream/types.js';
import { isHeard, SPEECH } from './speech-gate.js';
import type { WindowStep } from './types.js';

interface SpeechTrackState {
  /** Of the frames kept. */
  readonly flags: Uint8Array;
  /** Speech frames, and those that are surely speech, before them. */
  readonly sums: readonly [number, number];
  readonly origin: number;
  readonly frames: number;
  readonly endSample: number;
}

/**
 * The speech gate's flags of the recent past, one per 10 ms, with running sums, so that the speech
 * between any two positions is two look-ups. Positions before the kept past read as its beginning.
 */
export class SpeechTrack {
  readonly #flags: Uint8Array;
  /** #sums[i % capacity]: speech frames before frame i, counted from the origin. */
  readonly #sums: Float64Array;
  /** The same of frames that are surely speech. */
  readonly #sureSums: Float64Array;
  readonly #capacity: number;
  #origin: number;
  #frames = 0;
  #endSample: number;

  /** @param capacityFrames how much past is kept, in 10 ms frames. */
  constructor(capacityFrames: number, originSample = 0) {
    this.#capacity = capacityFrames + 1;
    this.#flags = new Uint8Array(this.#capacity);
    this.#sums = new Float64Array(this.#capacity);
    this.#sureSums = new Float64Array(this.#capacity);
    this.#origin = originSample;
    this.#endSample = originSample;
  }

  /** Exclusive. */
  get endSample(): number {
    return this.#endSample;
  }

  /** Oldest position still known. */
  get startSample(): number {
    return this.#origin + Math.max(0, this.#frames - this.#capacity + 1) * SHIFT_SAMPLES;
  }

  /** Take the flags of a step that begins where the last ended; a flag missing at its end repeats the last. */
  append(step: WindowStep): void {
    const wanted = Math.ceil((step.endSample - this.#origin) / SHIFT_SAMPLES);
    for (let i = 0; this.#frames < wanted; i++) {
      const flag = step.speech.length === 0 ? 0 : step.speech[Math.min(i, step.speech.length - 1)]!;
      this.#add(flag);
    }
    this.#endSample = step.endSample;
  }

  /** Begin anew at a later position: the audio between was lost. */
  skipTo(sample: number): void {
    this.#origin = sample;
    this.#frames = 0;
    this.#sums[0] = this.#sureSums[0] = 0;
    this.#endSample = sample;
  }

  /** Is there speech in the frame that holds the position? */
  isSpeech(sample: number): boolean {
    return this.#flag(sample) !== 0;
  }

  /** Is speech heard in that frame, or is it only held for speech? */
  isHeard(sample: number): boolean {
    return isHeard(this.#flag(sample));
  }

  /** Speech frames in [from, to). */
  speechFrames(from: number, to: number): number {
    return this.#at(this.#sums, to) - this.#at(this.#sums, from);
  }

  /** Share of the speech frames in [from, to) that are surely speech. */
  sureShare(from: number, to: number): number {
    const sure = this.#at(this.#sureSums, to) - this.#at(this.#sureSums, from);
    return sure / Math.max(1, this.speechFrames(from, to));
  }

  /** Exclusive end of the last speech in [from, to), or undefined. */
  lastSpeechEnd(from: number, to: number): number | undefined {
    for (let end = to; end > from; end = this.#previousFrame(end)) {
      if (this.isSpeech(end - 1)) return end;
    }
    return undefined;
  }

  /** The same for speech without what the gate holds open behind it. */
  lastHeardEnd(from: number, to: number): number | undefined {
    for (let end = to; end > from; end = this.#previousFrame(end)) {
      if (this.isHeard(end - 1)) return end;
    }
    return undefined;
  }

  /** Duration of silence before `sample`; 0 without any speech before. */
  pauseBefore(sample: number): number {
    return sample - (this.lastHeardEnd(this.startSample, sample) ?? sample);
  }

  /**
   * Exclusive end of the last speech in [from, to), and up to `softSamples` of what the gate holds open
   * behind it.
   */
  softEnd(from: number, to: number, softSamples: number): number {
    const heard = this.lastHeardEnd(from, to) ?? to;
    return Math.max(heard, Math.min(heard + softSamples, this.lastSpeechEnd(from, to) ?? to));
  }

  save(): SpeechTrackState {
    const first = this.#firstFrame();
    const flags = new Uint8Array(this.#frames - first);
    for (let i = 0; i < flags.length; i++) flags[i] = this.#flags[(first + i) % this.#capacity]!;
    const at = first % this.#capacity;
    return {
      flags,
      sums: [this.#sums[at]!, this.#sureSums[at]!],
      origin: this.#origin,
      frames: this.#frames,
      endSample: this.#endSample,
    };
  }

  load({ flags, sums, origin, frames, endSample }: SpeechTrackState): void {
    this.#origin = origin;
    this.#frames = frames - flags.length;
    [this.#sums[this.#frames % this.#capacity], this.#sureSums[this.#frames % this.#capacity]] = sums;
    for (const flag of flags) this.#add(flag);
    this.#endSample = endSample;
  }

  #add(flag: number): void {
    const at = this.#frames % this.#capacity;
    this.#flags[at] = flag;
    const next = (this.#frames + 1) % this.#capacity;
    this.#sums[next] = this.#sums[at]! + (flag === 0 ? 0 : 1);
    this.#sureSums[next] = this.#sureSums[at]! + (flag === SPEECH ? 1 : 0);
    this.#frames++;
  }

  #flag(sample: number): number {
    const frame = Math.floor((sample - this.#origin) / SHIFT_SAMPLES);
    if (frame < this.#firstFrame() || frame >= this.#frames) return 0;
    return this.#flags[frame % this.#capacity]!;
  }

  #previousFrame(end: number): number {
    return this.#origin + (Math.ceil((end - this.#origin) / SHIFT_SAMPLES) - 1) * SHIFT_SAMPLES;
  }

  #firstFrame(): number {
    return Math.max(0, this.#frames - this.#capacity + 1);
  }

  /** The sum before the frame that begins nearest to the position. */
  #at(sums: Float64Array, sample: number): number {
    const frame = Math.round((sample - this.#origin) / SHIFT_SAMPLES);
    return sums[Math.min(Math.max(frame, this.#firstFrame()), this.#frames) % this.#capacity]!;
  }
}
