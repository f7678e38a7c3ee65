import { describe, expect, it } from 'vitest';
import {
  enrolledPlace,
  samePersonLogRatio,
  stretchPrecision,
  type Place,
} from '../../src/scoring/two-covariance.js';
import { randomSource } from '../../measure/random-model.js';

const DIMENSION = 48;
const random = randomSource(5);
const normal = (): number => {
  let sum = 0;
  for (let i = 0; i < 12; i++) sum += random() / 2;
  return sum;
};
const draw = (deviation: number, about?: Float32Array): Float32Array =>
  Float32Array.from({ length: DIMENSION }, (_, i) => (about?.[i] ?? 0) + deviation * normal());
const heard = (speaker: Float32Array, seconds: number): Place => {
  const precision = stretchPrecision(seconds);
  return { mean: draw(1 / Math.sqrt(precision), speaker), precision };
};

describe('the two-covariance model', () => {
  it('tells one person from two, the surer the more is heard', () => {
    const ratios = (seconds: number, same: boolean): number[] =>
      Array.from({ length: 200 }, () => {
        const speaker = draw(1);
        return samePersonLogRatio(heard(speaker, seconds), heard(same ? speaker : draw(1), seconds));
      });
    const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(ratios(1, true))).toBeGreaterThan(0);
    expect(mean(ratios(1, false))).toBeLessThan(0);
    expect(mean(ratios(6, true))).toBeGreaterThan(mean(ratios(1, true)));
    expect(mean(ratios(6, false))).toBeLessThan(mean(ratios(1, false)));
  });

  it('is the ratio of the two joint densities', () => {
    const a = heard(draw(1), 2);
    const b = heard(draw(1), 5);
    // One dimension at a time: covariances [1 + 1/a, same; same, 1 + 1/b], same 1 or 0.
    const va = 1 + 1 / a.precision;
    const vb = 1 + 1 / b.precision;
    let expected = 0;
    for (let i = 0; i < DIMENSION; i++) {
      const [x, y] = [a.mean[i]!, b.mean[i]!];
      const determinant = va * vb - 1;
      const joint = (vb * x * x - 2 * x * y + va * y * y) / determinant;
      expected += (Math.log((va * vb) / determinant) - joint + (x * x) / va + (y * y) / vb) / 2;
    }
    expect(samePersonLogRatio(a, b)).toBeCloseTo(expected, 3);
    expect(samePersonLogRatio(b, a)).toBeCloseTo(expected, 3);
  });

  it('gives an enrolment elsewhere less weight than as much speech here, and a bound', () => {
    const centroid = draw(1);
    expect(enrolledPlace(centroid, 4).precision).toBeLessThan(stretchPrecision(4));
    expect(enrolledPlace(centroid, 1e9).precision).toBeLessThan(1);
  });
});
