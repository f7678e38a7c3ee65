import type { SpeakerModel } from '../native/index.js';
import { cosineSimilarity } from '../native/index.js';
import type { Profile } from '../speakers/index.js';
import { SAMPLE_RATE_HZ, type AudioChunk } from '../stream/index.js';
import type { FinalEvent, IdentifyEvent } from '../tracker/index.js';

/** Rates that sound is recorded at, and twice the most usual one: two channels that are read as one. */
const USUAL_RATES_HZ = [8000, 11_025, SAMPLE_RATE_HZ, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
/** Nearer to the rate that was told, voices resemble each other too much; further below it, little of them is left. */
const LEAST_FACTOR = 1.8;
const MOST_FACTOR_BELOW = 4;
/**
 * Cosine from which a speaker is believed to be heard at another rate. Chosen with the bundled model: of 45 speakers at the
 * right rate none came above 0.47 with any of the others at another one; at their own each came above 0.62.
 */
const LEAST_COSINE = 0.6;
/** Sound that is kept, as it was read, s. */
const KEPT_SECONDS = 60;
/** Of a voice that is compared, at the other rate, s. */
const WINDOW_SECONDS = 4;
const LEAST_WINDOW_SECONDS = 2;
/** Windows that are compared at each rate. */
const MAX_WINDOWS = 4;

/** An enrolled speaker, and the rate at which the sound is theirs. */
export interface HeardAt {
  readonly speaker: string;
  readonly rateHz: number;
}

/**
 * Notices raw samples that were read at a wrong rate: nobody was named, but at another usual rate the voice is that of an
 * enrolled speaker.
 */
export class RateWatch {
  readonly #kept = new Float32Array(KEPT_SECONDS * SAMPLE_RATE_HZ);
  #turns: FinalEvent[] = [];
  #isNamed = false;

  hear({ startSample, samples }: AudioChunk): void {
    if (startSample < this.#kept.length)
      this.#kept.set(samples.subarray(0, this.#kept.length - startSample), startSample);
  }

  event(event: IdentifyEvent): void {
    if (event.type === 'named' || (event.type === 'final' && event.known)) this.#isNamed = true;
    else if (event.type === 'final' && event.endSample <= this.#kept.length) this.#turns.push(event);
  }

  /**
   * To be called at the end.
   *
   * @param toldHz the rate that the samples were read at
   * @returns null where there is no sure sign
   */
  async heardAt(
    toldHz: number,
    model: Pick<SpeakerModel, 'embed'>,
    speakers: readonly Profile[],
  ): Promise<HeardAt | null> {
    if (this.#isNamed || speakers.length === 0) return null;
    let best: (HeardAt & { cosine: number }) | null = null;
    for (const rateHz of USUAL_RATES_HZ) {
      const factor = rateHz / toldHz;
      if (Math.max(factor, 1 / factor) < LEAST_FACTOR || 1 / factor > MOST_FACTOR_BELOW) continue;
      for (const window of this.#windows(SAMPLE_RATE_HZ * factor)) {
        const voice = await model.embed(window, Math.round(SAMPLE_RATE_HZ * factor));
        for (const { name, centroid } of speakers) {
          const cosine = cosineSimilarity(centroid, voice);
          if (cosine >= (best?.cosine ?? LEAST_COSINE)) best = { speaker: name, rateHz, cosine };
        }
      }
    }
    return best === null ? null : { speaker: best.speaker, rateHz: best.rateHz };
  }

  /** Pieces of the turns, at the rate that they may have; those of long turns first. */
  #windows(rateHz: number): Float32Array[] {
    const most = Math.round(WINDOW_SECONDS * rateHz);
    return this.#turns
      .flatMap(({ startSample, endSample }) => {
        const parts = Math.ceil((endSample - startSample) / most);
        const length = Math.floor((endSample - startSample) / parts);
        return Array.from({ length: parts }, (_, i) =>
          this.#kept.subarray(startSample + i * length, startSample + (i + 1) * length),
        );
      })
      .filter(({ length }) => length >= LEAST_WINDOW_SECONDS * rateHz)
      .sort((a, b) => b.length - a.length)
      .slice(0, MAX_WINDOWS);
  }
}
