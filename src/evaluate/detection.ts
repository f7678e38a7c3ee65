import { upperQuantile } from '../scoring/normal-tail.js';

/**
 * Scores of trials for a two-class decision: `targets` should be accepted (same speaker), `impostors`
 * refused. Finite numbers, higher means more alike.
 */
export interface Trials {
  readonly targets: ArrayLike<number>;
  readonly impostors: ArrayLike<number>;
}

/** What accepting every score >= `threshold` would do; rates 0 to 1. */
export interface OperatingPoint {
  readonly threshold: number;
  /** Share of the targets refused. */
  readonly missRate: number;
  /** Share of the impostors accepted. */
  readonly falseAlarmRate: number;
}

/**
 * The ROC, one point for each distinct score from the highest to the lowest, after a first point with
 * threshold Infinity where nothing is accepted. Equal scores stand or fall together.
 * @throws RangeError where a class is empty or a score is NaN
 */
export function operatingPoints({ targets, impostors }: Trials): OperatingPoint[] {
  if (targets.length === 0 || impostors.length === 0)
    throw new RangeError('both classes need at least one score');
  const accepted = Float64Array.from(targets).sort();
  const alarms = Float64Array.from(impostors).sort();
  // NaN sorts last.
  if (Number.isNaN(accepted.at(-1)) || Number.isNaN(alarms.at(-1))) throw new RangeError('a score is NaN');
  const points: OperatingPoint[] = [{ threshold: Infinity, missRate: 1, falseAlarmRate: 0 }];
  let t = accepted.length;
  let f = alarms.length;
  while (t > 0 || f > 0) {
    const threshold = Math.max(t > 0 ? accepted[t - 1]! : -Infinity, f > 0 ? alarms[f - 1]! : -Infinity);
    while (t > 0 && accepted[t - 1] === threshold) t--;
    while (f > 0 && alarms[f - 1] === threshold) f--;
    points.push({
      threshold,
      missRate: t / accepted.length,
      falseAlarmRate: 1 - f / alarms.length,
    });
  }
  return points;
}

/**
 * Equal error rate, 0 to 1: where miss and false-alarm rate cross on the ROC drawn with straight lines
 * between its points, and the threshold there, interpolated likewise (the usual reading of scikit-learn's
 * `roc_curve`: the root of 1 - x - tpr(x)).
 */
export function equalErrorRate(trials: Trials): { readonly rate: number; readonly threshold: number } {
  const points = operatingPoints(trials);
  const after = points.findIndex((p) => p.falseAlarmRate >= p.missRate);
  const b = points[after]!;
  const a = points[after - 1]!;
  const gapBefore = a.missRate - a.falseAlarmRate;
  const gapAfter = b.missRate - b.falseAlarmRate;
  const share = gapBefore / (gapBefore - gapAfter);
  return {
    rate: a.falseAlarmRate + share * (b.falseAlarmRate - a.falseAlarmRate),
    threshold: a.threshold === Infinity ? b.threshold : a.threshold + share * (b.threshold - a.threshold),
  };
}

export interface DetectionCosts {
  /** Prior probability of a target; default 0.01. */
  targetPrior?: number;
  /** Default 1. */
  missCost?: number;
  /** Default 1. */
  falseAlarmCost?: number;
}

/**
 * Smallest normalised detection cost over all thresholds (NIST speaker recognition evaluation plans):
 * min over the ROC of Cmiss P Pmiss + Cfa (1 - P) Pfa, divided by the cost of the better constant answer.
 */
export function minimumDetectionCost(
  trials: Trials,
  { targetPrior = 0.01, missCost = 1, falseAlarmCost = 1 }: DetectionCosts = {},
): { readonly cost: number; readonly threshold: number } {
  const miss = missCost * targetPrior;
  const alarm = falseAlarmCost * (1 - targetPrior);
  let cost = Infinity;
  let threshold = Infinity;
  for (const point of operatingPoints(trials)) {
    const here = (miss * point.missRate + alarm * point.falseAlarmRate) / Math.min(miss, alarm);
    if (here < cost) {
      cost = here;
      threshold = point.threshold;
    }
  }
  return { cost, threshold };
}

/** A point of a DET curve: both rates as normal deviates, in which a Gaussian system is a straight line. */
export interface DetPoint extends OperatingPoint {
  /** Normal deviate of the false-alarm rate. */
  readonly x: number;
  /** Normal deviate of the miss rate. */
  readonly y: number;
}

/** The ROC's points whose rates are both inside (0, 1), on normal-deviate axes (Martin et al. 1997). */
export function detPoints(trials: Trials): DetPoint[] {
  const inside = (rate: number): boolean => rate > 0 && rate < 1;
  return operatingPoints(trials)
    .filter((p) => inside(p.missRate) && inside(p.falseAlarmRate))
    .map((p) => ({ ...p, x: normalDeviate(p.falseAlarmRate), y: normalDeviate(p.missRate) }));
}

/** The standard normal's inverse distribution function, for 0 < p < 1. */
export function normalDeviate(p: number): number {
  return -upperQuantile(p);
}
