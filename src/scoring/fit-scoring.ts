import { upperQuantile } from './normal-tail.js';
import { amountOf, DEFAULT_SCORING } from './scorer.js';
import type { Scoring } from '../model/types.js';

/** One comparison of a stretch of speech with an enrolled speaker. */
export interface ScoredTrial {
  /** AS-norm score: `Scorer.standard` where impostors have mean 0, deviation 1. */
  readonly score: number;
  /** Net speech of the stretch. */
  readonly seconds: number;
  readonly isSame: boolean;
  /** The recording that the stretch is of. */
  readonly stream: number;
}

/** Rates at which the impostors' tail is fitted; those that fewer impostors than this reach are left out. */
const TAIL = [0.1, 0.05, 0.02, 0.01, 0.005];
/** Impostor trials that a rate needs to be used for the tail. */
const MIN_TAIL_TRIALS = 5;
/** The default tail counts as this many trials. */
const PRIOR_TRIALS = 500;
/** The default scoring counts as this many recordings. */
const PRIOR_STREAMS = 4;

/**
 * Fit what scores mean to comparisons whose answer is known: the normal density whose tail is that of the impostors' (they
 * crowd below it, where nothing is decided); of one person's scores
 * the mean by amount of speech (least squares), and how they differ within a recording and between recordings (one-way
 * analysis of variance, by the method of moments). Drawn to the default.
 */
export function fitScoring(trials: readonly ScoredTrial[]): Scoring {
  const impostors = trials.filter(({ isSame }) => !isSame).map(({ score }) => score);
  const { impostorMean, impostorDeviation } = fitTail(impostors);
  const streams = new Map<number, { amount: number; standard: number }[]>();
  for (const { score, seconds, isSame, stream } of trials) {
    if (!isSame) continue;
    const point = { amount: amountOf(seconds), standard: (score - impostorMean) / impostorDeviation };
    streams.set(stream, [...(streams.get(stream) ?? []), point]);
  }
  return { impostorMean, impostorDeviation, ...fitGenuine([...streams.values()]) };
}

interface Point {
  readonly amount: number;
  readonly standard: number;
}

type Fitted = Omit<Scoring, 'impostorMean' | 'impostorDeviation'>;

function fitGenuine(streams: readonly (readonly Point[])[]): Fitted {
  // The growth is seen within recordings, each about its own mean.
  let across = 0;
  let square = 0;
  for (const points of streams) {
    const amount = mean(points.map((point) => point.amount));
    for (const point of points) {
      across += (point.amount - amount) * point.standard;
      square += (point.amount - amount) ** 2;
    }
  }
  const drawn = (fitted: number, prior: number): number =>
    Number.isFinite(fitted)
      ? (streams.length * fitted + PRIOR_STREAMS * prior) / (streams.length + PRIOR_STREAMS)
      : prior;
  const genuineGrowth = drawn(across / square, DEFAULT_SCORING.genuineGrowth);
  const residuals = streams.map((points) =>
    points.map(({ amount, standard }) => standard - genuineGrowth * amount),
  );
  const means = residuals.map(mean);
  const genuineMean = mean(means);
  const count = residuals.reduce((sum, { length }) => sum + length, 0);
  // As if every stretch were 1.5 s: longer ones differ less, as `Scorer.genuine` has it.
  const within = streams.flatMap((points, i) =>
    points.map(({ amount }, j) => (residuals[i]![j]! - means[i]!) ** 2 * Math.exp(amount)),
  );
  const turnVariance = sum(within) / (count - streams.length);
  // Means of recordings differ by what their own stretches do, too.
  const betweenMeans = sum(means.map((value) => (value - genuineMean) ** 2)) / (streams.length - 1);
  const ofStretches =
    turnVariance *
    mean(streams.map((points) => sum(points.map(({ amount }) => Math.exp(-amount))) / points.length ** 2));
  return {
    genuineMean: drawn(genuineMean, DEFAULT_SCORING.genuineMean),
    genuineGrowth,
    turnDeviation: Math.sqrt(drawn(turnVariance, DEFAULT_SCORING.turnDeviation ** 2)),
    streamDeviation: Math.sqrt(
      drawn(Math.max(0.01, betweenMeans - ofStretches), DEFAULT_SCORING.streamDeviation ** 2),
    ),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Log-likelihood-ratio cost, bits (Brümmer and du Preez 2006): 0 where every answer is sure and right, 1 where none says anything. */
export function logLikelihoodRatioCost(same: readonly number[], different: readonly number[]): number {
  const cost = (odds: readonly number[], sign: number): number =>
    odds.reduce((sum, x) => sum + Math.log2(1 + Math.exp(-sign * x)), 0) / odds.length;
  return (cost(same, 1) + cost(different, -1)) / 2;
}

/** Quantiles of a normal density lie on a line over those of the standard one: mean and deviation by least squares. */
function fitTail(impostors: readonly number[]): Pick<Scoring, 'impostorMean' | 'impostorDeviation'> {
  const sorted = [...impostors].sort((a, b) => b - a);
  const points = TAIL.filter((rate) => rate * sorted.length >= MIN_TAIL_TRIALS).map((rate) => ({
    standard: upperQuantile(rate),
    score: sorted[Math.floor(rate * sorted.length)]!,
  }));
  if (points.length === 0) {
    const { impostorMean, impostorDeviation } = DEFAULT_SCORING;
    return { impostorMean, impostorDeviation };
  }
  const standard = mean(points.map((point) => point.standard));
  const score = mean(points.map((point) => point.score));
  const square = sum(points.map((point) => (point.standard - standard) ** 2));
  const across = sum(points.map((point) => (point.standard - standard) * (point.score - score)));
  const prior = PRIOR_TRIALS * DEFAULT_SCORING.impostorDeviation;
  const slope = points.length === 1 ? DEFAULT_SCORING.impostorDeviation : across / square;
  const impostorDeviation = Math.max(0.2, (sorted.length * slope + prior) / (sorted.length + PRIOR_TRIALS));
  return { impostorMean: score - impostorDeviation * standard, impostorDeviation };
}
