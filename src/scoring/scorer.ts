import type { Calibration, Scoring } from '../model/types.js';
import { asNorm, type Cohort } from './cohort.js';
import { upperQuantile } from './normal-tail.js';
import type { Evidence, Voice } from './voice.js';

/**
 * Default if the model has none: about the scores of the bundled model's turns in the conversations of `npm
 * run accuracy`. Impostor scores have the tail of this normal density.
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
export const ENROLMENT_SECONDS = 10;
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
 * From cosines to their meaning. AS-norm with the cohort standardises a score: scores of different speakers
 * are about normal with mean 0 and deviation 1. Two normal densities, of genuine and impostor scores, then
 * give log-odds of "same speaker" that grow with the speech on both sides. A false accept rate gives a
 * threshold.
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

  /** Standardised score: mean 0 and deviation 1 for different speakers. */
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
   * Log-odds of "same speaker" at even priors: the ratio of the densities of genuine and impostor scores.
   * Bounded, since one odd turn proves nothing.
   * @param level how stream and speaker shift genuine scores; default: what the model states.
   */
  logOdds(standard: number, genuine: Genuine, level: Level = this.#anyLevel): number {
    const variance = genuine.variance + level.variance;
    // A score above the expected one counts as the expected one.
    const below = Math.max(0, genuine.mean + level.shift - standard);
    const above = Math.max(0, standard);
    const odds = (above * above - (below * below) / variance - Math.log(variance)) / 2;
    return Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, odds));
  }

  /**
   * Standardised score that a turn of this duration must reach with any one speaker by default, however few
   * are enrolled. Genuine scores rise with duration and impostor scores hardly do, so the threshold rises as
   * genuine scores do.
   */
  defaultAcceptAt(seconds: number): number {
    return this.#acceptOneAt + this.#scoring.genuineGrowth * amountOf(seconds);
  }

  /** Standardised score that the best of `count` wrong voices reaches at this rate. */
  acceptAt(falseAcceptRate: number, count: number): number {
    return upperQuantile(1 - (1 - falseAcceptRate) ** (1 / Math.max(1, count)));
  }
}
