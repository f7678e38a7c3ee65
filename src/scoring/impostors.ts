import { dot } from '../vectors.js';
import { upperQuantile } from './normal-tail.js';
import { amountOf, DEFAULT_FALSE_ACCEPT_RATE, DEFAULT_RATE_OF_ONE, type Scorer } from './scorer.js';
import type { Voice } from './voice.js';

/** Scores of strangers with a profile, standardised, of voices that no network was trained on. */
export const IMPOSTOR = {
  /** Of strangers' scores with any one profile. */
  mean: 0,
  /** Larger than 1, which the network's own speakers have: they lie farther apart than new people do. */
  deviation: 1.2,
  /** Their mean grows by this with the logarithm of the seconds, of turns and of profiles. */
  growth: 0.15,
  /** Pairs of enrolled speakers that this counts as: how alike they are among themselves tells the rest. */
  pairs: 10,
  /** Enrolled speakers that are compared with each other at most. */
  compared: 50,
} as const;

/**
 * What strangers' scores with the enrolled speakers are like, and what a voice must score to be named: more than the best of as many
 * impostors as speakers are enrolled, but for the share of cases that was asked for.
 */
export class Impostors {
  /** Of scores at one window of speech: what so many of the best impostors of all do not reach. */
  readonly #at: number;

  /**
   * @param enrolled all of them, or of many `IMPOSTOR.compared`
   * @param falseAcceptRate without: `DEFAULT_FALSE_ACCEPT_RATE`, and for any one speaker `DEFAULT_RATE_OF_ONE`
   * @param count how many are enrolled
   */
  constructor(
    scorer: Scorer,
    enrolled: readonly Voice[],
    falseAcceptRate?: number,
    count: number = enrolled.length,
  ) {
    const { mean, deviation } = scoresOf(scorer, enrolled.slice(0, IMPOSTOR.compared));
    this.#at = mean + deviation * tailOf(count, falseAcceptRate);
  }

  /** The standardised score, with the profile as enrolled, that names so many seconds of speech. */
  threshold(seconds: number): number {
    return this.#at + IMPOSTOR.growth * amountOf(seconds);
  }
}

/** Deviations above the mean that the best of so many impostors exceeds at the rate. */
function tailOf(count: number, falseAcceptRate: number | undefined): number {
  const ofAll = (rate: number): number => upperQuantile(1 - (1 - rate) ** (1 / count));
  if (falseAcceptRate !== undefined) return ofAll(falseAcceptRate);
  return Math.max(ofAll(DEFAULT_FALSE_ACCEPT_RATE), upperQuantile(DEFAULT_RATE_OF_ONE));
}

/**
 * Those who are enrolled are strangers to each other: how alike they are says how alike impostors will be, for people of one
 * language, sex or microphone are more alike than others. Posterior mean and deviation, where the default counts as some pairs.
 */
function scoresOf(scorer: Scorer, enrolled: readonly Voice[]): { mean: number; deviation: number } {
  const scores = enrolled.flatMap((a, i) =>
    enrolled.slice(0, i).map((b) => {
      const standard = scorer.standard(dot(a.centroid, b.centroid), a, b);
      return standard - IMPOSTOR.growth * amountOf(Math.min(a.seconds, b.seconds));
    }),
  );
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const count = IMPOSTOR.pairs + scores.length;
  const mean = (IMPOSTOR.pairs * IMPOSTOR.mean + sum(scores)) / count;
  const prior = IMPOSTOR.pairs * (IMPOSTOR.deviation ** 2 + (IMPOSTOR.mean - mean) ** 2);
  return { mean, deviation: Math.sqrt((prior + sum(scores.map((score) => (score - mean) ** 2))) / count) };
}
