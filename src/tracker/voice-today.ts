/** How a speaker's turns may differ among themselves, in standardised scores. */
const DEVIATION = 0.95;
/** How much a score grows where a turn is e times as long; measured. */
const PER_LOG_SECONDS = 0.8;
const MAX_SECONDS = 8;
/** A turn this far below the speaker's others is somebody else's. */
const FAR_BELOW = 2.2;
/** The mean follows the last so many turns. */
const MEMORY = 20;

/**
 * How well an enrolled speaker's turns have matched the profile on this stream. A turn that matches far worse
 * is a look-alike, also where its score would do for a stream that sounds less like the enrolment.
 */
export class VoiceToday {
  #turns = 0;
  #mean = 0;

  /** A settled turn was surely this speaker's. */
  learn(standard: number, seconds: number): void {
    this.#turns = Math.min(MEMORY, this.#turns + 1);
    this.#mean += (standard - growth(seconds) - this.#mean) / this.#turns;
  }

  fits(standard: number, seconds: number): boolean {
    if (this.#turns === 0) return true;
    const spread = DEVIATION * Math.sqrt(1 + 1 / this.#turns);
    return standard - growth(seconds) >= this.#mean - FAR_BELOW * spread;
  }
}

function growth(seconds: number): number {
  return PER_LOG_SECONDS * Math.log(Math.min(MAX_SECONDS, Math.max(1, seconds)));
}
