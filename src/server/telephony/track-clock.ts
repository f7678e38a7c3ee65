import { WhospeaksError } from '../../errors.js';

/** What timestamps may be beside the sound that came before they count: they are rounded, and packets have their jitter. */
const TOLERANCE_SECONDS = 0.06;
/** A longer gap is told as one; a shorter one in which nothing is missing is a track that was silent. */
const MAX_SILENCE_SECONDS = 2;
/** A track that sends nothing is kept so far behind the other one at the most, by silence. */
const BEHIND_SECONDS = 1;
const IN_STEP_SECONDS = 0.5;
/** So much more sound than time, and at half as much again: it has another rate than it says. */
const MAX_AHEAD_SECONDS = 5;

/** How a piece of sound is put behind what came before: silence, then a gap, then the sound without its first frames. */
export interface Placed {
  readonly silentFrames: number;
  readonly skippedFrames: number;
  readonly cutFrames: number;
}

/**
 * Where the sound of one track lies on the clock of its call: by the timestamps of the provider, which both tracks share.
 * All positions are frames from the start of the call.
 */
export class TrackClock {
  readonly #rateHz: number;
  /** Of the stream's time 0. */
  #offset = 0;
  #heard = 0;
  /** Frames that came, without silence and gaps. */
  #sent = 0;
  /** Up to where silence was put for what had not come. */
  #filledTo = 0;
  #lastMs = -1;
  #firstMs = -1;

  constructor(rateHz: number) {
    this.#rateHz = rateHz;
  }

  /** The end of what is placed. */
  get heard(): number {
    return this.#heard;
  }

  /** Another connection goes on with the call: its stream's time 0 is there. */
  restart(offset: number): void {
    this.#offset = offset;
    this.#lastMs = -1;
    this.#firstMs = -1;
    this.#sent = 0;
  }

  /** Where something with this timestamp lies. */
  positionOf(timestampMs: number): number {
    return this.#offset + Math.round((timestampMs * this.#rateHz) / 1000);
  }

  /**
   * The place of the next piece. Null where the piece is older than the one before it: it is dropped.
   * @throws {WhospeaksError} `audio-format` where far more sound comes than time passes
   */
  place(frames: number, timestampMs: number | null, isAfterLoss: boolean): Placed | null {
    let [silentFrames, skippedFrames, cutFrames] = [0, 0, 0];
    if (timestampMs !== null) {
      if (timestampMs < this.#lastMs) return null;
      this.#lastMs = timestampMs;
      if (this.#firstMs < 0) this.#firstMs = timestampMs;
      this.#assertRate(timestampMs);
      const position = this.positionOf(timestampMs);
      const gap = position - this.#heard;
      if (gap > this.#frames(TOLERANCE_SECONDS)) {
        if (isAfterLoss || gap > this.#frames(MAX_SILENCE_SECONDS)) skippedFrames = gap;
        else silentFrames = gap;
      }
      cutFrames = Math.min(frames, Math.max(0, this.#filledTo - position));
    }
    this.#sent += frames;
    this.#heard += silentFrames + skippedFrames + frames - cutFrames;
    return { silentFrames, skippedFrames, cutFrames };
  }

  /** The call has come to `position`: what this track needs to keep up, null where it does. */
  keepUp(position: number): Omit<Placed, 'cutFrames'> | null {
    if (position - this.#heard <= this.#frames(BEHIND_SECONDS)) return null;
    const to = position - this.#frames(IN_STEP_SECONDS);
    const frames = to - this.#heard;
    this.#heard = to;
    this.#filledTo = to;
    return frames > this.#frames(MAX_SILENCE_SECONDS)
      ? { silentFrames: 0, skippedFrames: frames }
      : { silentFrames: frames, skippedFrames: 0 };
  }

  #assertRate(timestampMs: number): void {
    const passed = this.#frames((timestampMs - this.#firstMs) / 1000);
    const ahead = this.#sent - passed;
    if (ahead <= this.#frames(MAX_AHEAD_SECONDS) || this.#sent < 1.5 * passed) return;
    throw new WhospeaksError(
      'audio-format',
      `${(this.#sent / this.#rateHz).toFixed(1)} s of sound came with timestamps of ${(passed / this.#rateHz).toFixed(1)} s; ` +
        `it is not of ${this.#rateHz} Hz, or the timestamps stand still`,
    );
  }

  #frames(seconds: number): number {
    return Math.round(seconds * this.#rateHz);
  }
}
