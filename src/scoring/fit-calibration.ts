import type { Calibration } from '../model/types.js';
import { softPlus } from './soft-plus.js';

/** Different people's windows above the cosine where the log-odds are 0. */
const IMPOSTORS_ABOVE = 0.01;
/** Steps of Newton's method at most. */
const ROUNDS = 50;
/** Smallest part of a step that is tried. */
const LEAST_STEP = 1e-6;
/** Weight of the squared slope. */
const RIDGE = 1e-5;

/**
 * The log-odds of one window's cosine: its scale by logistic regression, both kinds weighing the same in all; 0 where one of a hundred
 * windows of different people lies above.
 */
export function fitCalibration(targets: readonly number[], impostors: readonly number[]): Calibration {
  const sorted = [...impostors].sort((a, b) => b - a);
  const threshold = sorted[Math.floor(IMPOSTORS_ABOVE * sorted.length)]!;
  const scale = logisticScale(targets, impostors);
  return { scale, offset: -scale * threshold };
}

/** By Newton's method on slope and intercept; a step that does not lower the cost is halved, since a full one may lead ever further away. */
function logisticScale(targets: readonly number[], impostors: readonly number[]): number {
  const kinds = [
    { cosines: targets, answer: 1, weight: 0.5 / targets.length },
    { cosines: impostors, answer: 0, weight: 0.5 / impostors.length },
  ];
  // A little is added for the slope, so that kinds that are apart keep a finite scale.
  const costOf = (slope: number, intercept: number): number =>
    (RIDGE / 2) * slope * slope +
    kinds.reduce((total, { cosines, answer, weight }) => {
      const sign = 2 * answer - 1;
      return total + weight * cosines.reduce((sum, x) => sum + softPlus(-sign * (slope * x + intercept)), 0);
    }, 0);
  let slope = 0;
  let intercept = 0;
  let cost = costOf(slope, intercept);
  for (let round = 0; round < ROUNDS; round++) {
    // Gradient and Hessian of the cost.
    let g0 = RIDGE * slope;
    let g1 = 0;
    let h00 = RIDGE;
    let h01 = 0;
    let h11 = 1e-9;
    for (const { cosines, answer, weight } of kinds) {
      for (const x of cosines) {
        const p = 1 / (1 + Math.exp(-(slope * x + intercept)));
        const error = weight * (p - answer);
        const curve = weight * p * (1 - p);
        g0 += error * x;
        g1 += error;
        h00 += curve * x * x;
        h01 += curve * x;
        h11 += curve;
      }
    }
    const determinant = h00 * h11 - h01 * h01;
    const moveSlope = (h11 * g0 - h01 * g1) / determinant;
    const moveIntercept = (h00 * g1 - h01 * g0) / determinant;
    let part = 1;
    let next = costOf(slope - moveSlope, intercept - moveIntercept);
    while (!(next <= cost) && part > LEAST_STEP) {
      part /= 2;
      next = costOf(slope - part * moveSlope, intercept - part * moveIntercept);
    }
    if (!(next <= cost)) break;
    slope -= part * moveSlope;
    intercept -= part * moveIntercept;
    cost = next;
    if (Math.abs(moveSlope) < 1e-6 * Math.abs(slope)) break;
  }
  return slope;
}
