import { upperQuantile } from './normal-tail.js';
import { amountOf, DEFAULT_SCORING } from './scoring.js';
import type { Scoring } from '../model/types.js';

/** One comparison of a stretch of speech with an enrolled speaker. */
export interface ScoredTrial {
  /** AS-norm score over the spread of the enrolled: `Scorer.standard` where impostors have mean 0, deviation 1. */
  readonly score: number;
  /** Net speech of the stretch. */
  readonly seconds: number;
  readonly isSame: boolean;
}

/** Rates at which the impostors' tail is fitted; those that fewer impostors than this reach are left out. */
const TAIL = [0.05, 0.02, 0.01, 0.005];
const MIN_TAIL_TRIALS = 5;
/** The default counts like this many trials in the fit, so that few recordings cannot lead far astray. */
const PRIOR_TRIALS = 4;
const ROUNDS = 60;
const TERMS = 4;

/**
 * Fit what scores mean to comparisons whose answer is known: the impostors' mean and tail, and log-odds by
 * score and amount of speech, both kinds of trial weighing the same (logistic regression by Newton's
 * method, drawn to the default).
 */
export function fitScoring(trials: readonly ScoredTrial[]): Scoring {
  const impostors = trials.filter(({ isSame }) => !isSame).map(({ score }) => score);
  const mean = impostors.reduce((sum, score) => sum + score, 0) / impostors.length;
  const scoring = { impostorMean: mean, impostorDeviation: tailDeviation(impostors, mean) };
  const points = trials.map(({ score, seconds, isSame }) => {
    const standard = (score - scoring.impostorMean) / scoring.impostorDeviation;
    const amount = amountOf(seconds);
    return { x: [1, standard, amount, standard * amount], y: isSame ? 1 : 0 };
  });
  return { ...scoring, logOdds: logistic(points) };
}

/** Log-likelihood-ratio cost, bits (Brümmer and du Preez 2006): 0 where every answer is sure and right, 1 where none says anything. */
export function logLikelihoodRatioCost(same: readonly number[], different: readonly number[]): number {
  const cost = (odds: readonly number[], sign: number): number =>
    odds.reduce((sum, x) => sum + Math.log2(1 + Math.exp(-sign * x)), 0) / odds.length;
  return (cost(same, 1) + cost(different, -1)) / 2;
}

function tailDeviation(impostors: readonly number[], mean: number): number {
  const sorted = [...impostors].sort((a, b) => b - a);
  const deviations = TAIL.filter((rate) => rate * sorted.length >= MIN_TAIL_TRIALS).map(
    (rate) => (sorted[Math.floor(rate * sorted.length)]! - mean) / upperQuantile(rate),
  );
  if (deviations.length === 0) return DEFAULT_SCORING.impostorDeviation;
  return Math.max(0.2, deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length);
}

function logistic(points: readonly { x: readonly number[]; y: number }[]): Scoring['logOdds'] {
  const prior = DEFAULT_SCORING.logOdds;
  const same = points.filter(({ y }) => y === 1).length;
  const weightOf = (y: number): number => (y === 1 ? 1 : same / (points.length - same));
  let at: number[] = [...prior];
  for (let round = 0; round < ROUNDS; round++) {
    const slope = at.map((value, i) => PRIOR_TRIALS * (value - prior[i]!));
    const curve = at.map((_, i) => at.map((__, j) => (i === j ? PRIOR_TRIALS : 0)));
    for (const { x, y } of points) {
      const odds = x.reduce((sum, value, i) => sum + value * at[i]!, 0);
      const p = 1 / (1 + Math.exp(-odds));
      const weight = weightOf(y);
      for (let i = 0; i < TERMS; i++) {
        slope[i]! += weight * (p - y) * x[i]!;
        for (let j = 0; j < TERMS; j++) curve[i]![j]! += weight * p * (1 - p) * x[i]! * x[j]!;
      }
    }
    const step = solve(curve, slope);
    at = at.map((value, i) => value - step[i]!);
  }
  return at as [number, number, number, number];
}

/** Gauss's elimination with pivots; small, symmetric, positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < TERMS; column++) {
    let pivot = column;
    for (let i = column; i < TERMS; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    }
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let i = 0; i < TERMS; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let j = column; j <= TERMS; j++) rows[i]![j]! -= factor * rows[column]![j]!;
    }
  }
  return rows.map((row, i) => row[TERMS]! / row[i]!);
}
