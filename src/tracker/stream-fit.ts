import type { Level } from './scoring.js';

interface Heard {
  /** Of the turns: the sum of their precisions, each weighed by how likely it was the speaker's. */
  precision: number;
  /** Their mean deviation from the model's mean, so weighed. */
  mean: number;
}

/** A speaker's last turns count: of the precisions, so much is kept. */
const MAX_PRECISION = 100;

/**
 * How well the turns of this stream match the profiles. Noise, a room or a telephone lower everybody's scores, and
 * one speaker's voice today may match the enrolment better than another's. Both are learnt from the turns heard, in
 * a two-level normal model: stream, then speaker, then turn, of which the first two share the level's variance
 * evenly. So a low score speaks for a name where all scores are low, and against it where that speaker's are high.
 */
export class StreamFit {
  readonly #variance: number;
  readonly #heard = new Map<number, Heard>();

  /** @param levelVariance of stream and speaker together. */
  constructor(levelVariance: number) {
    this.#variance = levelVariance / 2;
  }

  /**
   * A settled turn scored this far from the model's mean, whose own variance is given, and was the speaker's with
   * this probability.
   */
  learn(id: number, deviation: number, turnVariance: number, probability: number): void {
    const heard = this.#heard.get(id) ?? { precision: 0, mean: 0 };
    this.#heard.set(id, heard);
    const precision = probability / turnVariance;
    heard.precision += precision;
    if (heard.precision > 0) heard.mean += (precision / heard.precision) * (deviation - heard.mean);
    heard.precision = Math.min(MAX_PRECISION, heard.precision);
  }

  /** Posterior of one speaker's level. */
  level(id: number): Level {
    let precision = 1 / this.#variance;
    let sum = 0;
    for (const heard of this.#heard.values()) {
      if (heard.precision === 0) continue;
      const ofSpeaker = 1 / (this.#variance + 1 / heard.precision);
      precision += ofSpeaker;
      sum += ofSpeaker * heard.mean;
    }
    const stream = sum / precision;
    const own = this.#heard.get(id);
    if (own === undefined || own.precision === 0) {
      return { shift: stream, variance: 1 / precision + this.#variance };
    }
    const noise = 1 / own.precision;
    const share = this.#variance / (this.#variance + noise);
    return {
      shift: stream + share * (own.mean - stream),
      variance: (1 - share) ** 2 / precision + share * noise,
    };
  }
}
