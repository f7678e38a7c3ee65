import { JITTER_SECONDS } from '../condition.js';

/** A stream that begins later than this was cut out of a broadcast, which counts from its own beginning, s. */
const MOST_LATE_SECONDS = 600;

/**
 * Where the sound of an Ogg belongs: each page tells the sample that it ends with (RFC 3533, 6: its granule position).
 * The decoders give the sound of a page with the next one.
 */
export class OggClock {
  /** Where the logical stream begins, s. */
  #beginSeconds = 0;
  /** Where all that was placed ends, s. */
  #endSeconds = 0;
  /** Samples before sound that is heard. */
  #skip = 0;
  #isBegun = false;
  /** Granule position of the page whose sound comes next, and of the one after it; below 0 where it tells none. */
  #due = -1;
  #held = -1;

  /** A stream begins, behind the one before. */
  begin(skip: number): void {
    this.#beginSeconds = this.#endSeconds;
    this.#skip = skip;
    this.#isBegun = false;
    this.#due = this.#held = -1;
  }

  /** The next page goes to the decoder. */
  page(granule: number): void {
    this.#due = this.#held;
    this.#held = granule;
  }

  /** No more pages of this stream: its last sound comes. */
  end(): void {
    this.page(-1);
  }

  /** @returns where this sound begins, s; undefined where it follows what came before */
  place(samples: number, rateHz: number): number | undefined {
    const seconds = samples / rateHz;
    const atSeconds = this.#beginSeconds + (this.#due - this.#skip) / rateHz - seconds;
    const late = this.#due < 0 ? 0 : atSeconds - this.#endSeconds;
    const isCutOut = !this.#isBegun && late > MOST_LATE_SECONDS;
    this.#isBegun = true;
    if (isCutOut) this.#beginSeconds -= late;
    const isHole = late > JITTER_SECONDS && !isCutOut;
    this.#endSeconds = (isHole ? atSeconds : this.#endSeconds) + seconds;
    return isHole ? atSeconds : undefined;
  }
}
