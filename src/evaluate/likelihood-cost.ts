import { softPlus } from '../scoring/soft-plus.js';
import { operatingPoints, type Trials } from './detection.js';

/**
 * Cllr, bits (Brümmer and du Preez 2006): what is lost, on average over all costs and priors, by deciding with these scores
 * as natural log-likelihood ratios. 0 where every answer is sure and right, 1 where none says anything, more where they
 * mislead. Of scores that are no log-likelihood ratios, such as cosines, it means nothing.
 * @throws RangeError where a class is empty or a score is NaN
 */
export function likelihoodCost(trials: Trials): number {
  operatingPoints(trials);
  const mean = (scores: ArrayLike<number>, sign: number): number =>
    Array.from(scores).reduce((sum, score) => sum + softPlus(-sign * score), 0) / scores.length;
  return (mean(trials.targets, 1) + mean(trials.impostors, -1)) / 2 / Math.LN2;
}

/**
 * The least Cllr that any rising function of the scores would have, bits, 0 to 1: what is lost in telling voices apart,
 * without what is lost in the scale of the scores. The best function is found by pool adjacent violators.
 * @throws RangeError where a class is empty or a score is NaN
 */
export function minimumLikelihoodCost(trials: Trials): number {
  const pools: Pool[] = [];
  const points = operatingPoints(trials);
  for (let i = 1; i < points.length; i++) {
    let pool: Pool = {
      targets: points[i - 1]!.missRate - points[i]!.missRate,
      impostors: points[i]!.falseAlarmRate - points[i - 1]!.falseAlarmRate,
    };
    // A lower score may not be the better sign of a target: then both get one ratio.
    while (pools.length > 0 && ratioOrder(pool, pools.at(-1)!) >= 0) {
      const above = pools.pop()!;
      pool = { targets: pool.targets + above.targets, impostors: pool.impostors + above.impostors };
    }
    pools.push(pool);
  }
  return pools.reduce((sum, pool) => sum + costOf(pool), 0) / 2;
}

/** Neighbouring scores that get one likelihood ratio: shares of all targets and of all impostors. */
interface Pool {
  readonly targets: number;
  readonly impostors: number;
}

/** Above 0 where `a` has the higher likelihood ratio. */
function ratioOrder(a: Pool, b: Pool): number {
  return a.targets * b.impostors - b.targets * a.impostors;
}

/** With the pool's own ratio, targets / impostors, as the likelihood ratio. */
function costOf({ targets, impostors }: Pool): number {
  const part = (share: number): number => (share > 0 ? share * Math.log2((targets + impostors) / share) : 0);
  return part(targets) + part(impostors);
}
