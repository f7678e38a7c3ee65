import { MEL_BINS, type SpeechGate } from '../../src/fbank/index.js';

/** Mel bins averaged into one band, and how many bands. */
const BAND_BINS = 5;
const BANDS = MEL_BINS / BAND_BINS;
/** The noise floor is the lowest level of the last PARTS x PART_FRAMES frames. */
const PART_FRAMES = 25;
const PARTS = 12;
/** Log energy under which nothing is heard: about the noise of one 16-bit step. */
const QUIETEST = 4;
/** A band's share of the score is limited, so that a click in one band does not pass for speech. */
const MOST = 5;
const OPEN = 2;
const CLOSE = 1.4;
const HOLD_FRAMES = 15;

/**
 * A gate without training, to compare with: each band's level above its own noise
 * floor, averaged over the bands. The floor is the lowest level of the last three seconds (minimum
 * statistics, Martin 2001), so it follows any recording level, is known as soon as the first lull between
 * two syllables, and takes in steady noise.
 */
export class MelGate implements SpeechGate {
  readonly #smooth = new Float64Array(BANDS);
  /** PARTS + 1 rows of BANDS: minima of the finished parts and of the part that runs. */
  readonly #minima = new Float64Array((PARTS + 1) * BANDS);
  #frames = 0;
  #hold = 0;
  #open = false;

  push(features: Float32Array, count: number): Uint8Array {
    const flags = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const score = this.#score(features, i * MEL_BINS);
      if (score > (this.#open ? CLOSE : OPEN)) {
        this.#open = true;
        this.#hold = HOLD_FRAMES;
      } else if (this.#hold > 0) this.#hold--;
      else this.#open = false;
      flags[i] = this.#open ? 1 : 0;
    }
    return flags;
  }

  reset(): void {
    this.#frames = 0;
    this.#hold = 0;
    this.#open = false;
  }

  /** Mean height of the bands above their floors, in nepers of energy. */
  #score(features: Float32Array, offset: number): number {
    const minima = this.#minima;
    if (this.#frames === 0) minima.fill(Infinity);
    const part = Math.floor(this.#frames / PART_FRAMES) % (PARTS + 1);
    const fresh = this.#frames % PART_FRAMES === 0;
    let score = 0;
    for (let band = 0; band < BANDS; band++) {
      let level = 0;
      for (let j = 0; j < BAND_BINS; j++) level += features[offset + band * BAND_BINS + j]!;
      level = Math.max(QUIETEST, level / BAND_BINS);
      const smooth = this.#frames === 0 ? level : 0.6 * this.#smooth[band]! + 0.4 * level;
      this.#smooth[band] = smooth;
      const here = part * BANDS + band;
      minima[here] = fresh ? smooth : Math.min(minima[here]!, smooth);
      let floor = Infinity;
      for (let p = band; p < minima.length; p += BANDS) floor = Math.min(floor, minima[p]!);
      score += Math.min(MOST, smooth - floor);
    }
    this.#frames++;
    return score / BANDS;
  }
}
