import type { Calibration } from '../model/types.js';

/** Different people's windows above the cosine where the log-odds are 0. */
const IMPOSTORS_ABOVE = 0.01;
/** Steps of Newton's method at most. */
const ROUNDS = 50;

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

/** By Newton's method on slope and intercept. */
function logisticScale(targets: readonly number[], impostors: readonly number[]): number {
  let slope = 10;
  let intercept = -4;
  const kinds = [
    { cosines: targets, answer: 1, weight: 0.5 / targets.length },
    { cosines: impostors, answer: 0, weight: 0.5 / impostors.length },
  ];
  for (let round = 0; round < ROUNDS; round++) {
    // Gradient and Hessian of the cost; a little is added so that kinds that are apart keep a finite scale.
    let g0 = 1e-5 * slope;
    let g1 = 0;
    let h00 = 1e-5;
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
    slope -= moveSlope;
    intercept -= moveIntercept;
    if (Math.abs(moveSlope) < 1e-6 * Math.abs(slope)) break;
  }
  return slope;
}
