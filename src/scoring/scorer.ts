import type { Calibration, Scoring } from '../model/types.js';
import { asNorm, type Cohort } from './cohort.js';
import { upperQuantile } from './normal-tail.js';
import type { Evidence, Voice } from './voice.js';

/**
 * Where the model states none: about what the bundled one's turns score in the conversations of `npm run accuracy`. Strangers'
 * scores are those of the normal density that has their tail.
 */
export const DEFAULT_SCORING: Scoring = {
  impostorMean: -1.05,
  impostorDeviation: 1.8,
  genuineMean: 2.7,
  genuineGrowth: 0.5,
  turnDeviation: 0.75,
  streamDeviation: 0.65,
};

/** Window that calibrations refer to. */
const WINDOW_SECONDS = 1.5;
/** Speech behind the profiles that the scoring was fitted with. */
const ENROLMENT_SECONDS = 10;
/** More speech does not change the expected score. */
const MAX_SECONDS = 12;
/** Less speech does not change the expected score. */
const MIN_SECONDS = 0.75;
/** Point that a standard normal variable exceeds with 1 %. */
const ONE_PERCENT = 2.326;
/** Default share of unknown speakers' turns that may get an enrolled name. */
export const DEFAULT_FALSE_ACCEPT_RATE = 0.2;
/** Default share of unknown speakers' turns of one window that may get any one enrolled name. */
export const DEFAULT_RATE_OF_ONE = 0.08;
/** Largest log-odds of a turn, either way. */
const MAX_LOG_ODDS = 8;

/** How much speech counts: the logarithm, in windows. */
export function amountOf(seconds: number): number {
  return Math.log(Math.min(MAX_SECONDS, Math.max(MIN_SECONDS, seconds)) / WINDOW_SECONDS);
}

/** What one person's scores are expected to be: their mean, and how they vary from turn to turn. */
export interface Genuine {
  readonly mean: number;
  readonly variance: number;
}

/** What a stream, and a speaker on it, add to that, and how sure it is. */
export interface Level {
  readonly shift: number;
  readonly variance: number;
}

/**
 * From cosines to what they mean. A score is standardised, so that different people's scores are about
 * normal with mean 0 and deviation 1: by AS-norm with the cohort. From there two
 * normal densities, of one person's scores and of two people's, give log-odds of "same person" that grow with the
 * speech behind both sides, and a wanted rate of false accepts gives a threshold.
 */
export class Scorer {
  readonly #cohort: Cohort | null;
  readonly #scoring: Scoring;
  readonly #anyLevel: Level;
  /** Without a cohort: the cosine that one impostor in a hundred reaches. */
  readonly #onePercentCosine: number;

  /** What a turn of one window must reach with any one speaker, where no rate was asked for. */
  readonly #acceptOneAt = this.acceptAt(DEFAULT_RATE_OF_ONE, 1);

  constructor(calibration: Calibration, cohort: Cohort | null, scoring: Scoring = DEFAULT_SCORING) {
    this.#cohort = cohort;
    this.#scoring = scoring;
    this.#anyLevel = { shift: 0, variance: scoring.streamDeviation ** 2 };
    this.#onePercentCosine = Math.max(0.05, -calibration.offset / calibration.scale);
  }

  /** Variance of what a stream, and a speaker on it, add to one person's scores. */
  get levelVariance(): number {
    return this.#anyLevel.variance;
  }

  evidence(direction: Float32Array, seconds: number): Evidence {
    return { direction, seconds, stats: this.#cohort?.stats(direction) ?? null };
  }

  /** Standardised score: 0 for two people on average, in units of how much such scores vary. */
  standard(cosine: number, a: Pick<Voice, 'stats'>, b: Pick<Voice, 'stats'>): number {
    if (a.stats === null || b.stats === null) return (ONE_PERCENT * cosine) / this.#onePercentCosine;
    const { impostorMean, impostorDeviation } = this.#scoring;
    return (asNorm(cosine, a.stats, b.stats) - impostorMean) / impostorDeviation;
  }

  /** One person's scores with this much speech on either side. */
  genuine(seconds: number, otherSeconds: number): Genuine {
    // Two sides with little speech are worth less than one against a full enrolment.
    const worth = 1 / (1 / seconds + Math.max(0, 1 / otherSeconds - 1 / ENROLMENT_SECONDS));
    const amount = amountOf(worth);
    const { genuineMean, genuineGrowth, turnDeviation } = this.#scoring;
    // What differs from turn to turn averages out in a longer one.
    return { mean: genuineMean + genuineGrowth * amount, variance: turnDeviation ** 2 * Math.exp(-amount) };
  }

  /**
   * Log-odds of "same person" at even odds before: the ratio of two normal densities, of one person's scores and of
   * two people's. Bounded, since one odd turn proves nothing.
   *
   * @param level how the stream and the speaker move that person's scores; by default, as far as the model knows.
   */
  logOdds(standard: number, genuine: Genuine, level: Level = this.#anyLevel): number {
    const variance = genuine.variance + level.variance;
    // A score above what is expected speaks for the person no less than one that is expected.
    const below = Math.max(0, genuine.mean + level.shift - standard);
    const above = Math.max(0, standard);
    const odds = (above * above - (below * below) / variance - Math.log(variance)) / 2;
    return Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, odds));
  }

  /**
   * Standardised score that a turn with this much speech must reach with any one speaker where no rate was asked for, however few
   * are enrolled. A speaker's own scores
   * rise with the speech heard, those of strangers hardly: by as much rises what is asked of a longer turn.
   */
  defaultAcceptAt(seconds: number): number {
    return this.#acceptOneAt + this.#scoring.genuineGrowth * amountOf(seconds);
  }

  /** Standardised score that the best of `count` voices reaches, of somebody who is none of them, at this rate. */
  acceptAt(falseAcceptRate: number, count: number): number {
    return upperQuantile(1 - (1 - falseAcceptRate) ** (1 / Math.max(1, count)));
  }
}
