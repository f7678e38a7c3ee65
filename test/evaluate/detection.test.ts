import { describe, expect, it } from 'vitest';
import {
  detPoints,
  equalErrorRate,
  minimumDetectionCost,
  operatingPoints,
} from '../../src/evaluate/index.js';
import { normalDeviate } from '../../src/evaluate/detection.js';

describe('operatingPoints', () => {
  it('takes equal scores together', () => {
    expect(operatingPoints({ targets: [3, 2, 2], impostors: [2, 1] })).toEqual([
      { threshold: Infinity, missRate: 1, falseAlarmRate: 0 },
      { threshold: 3, missRate: 2 / 3, falseAlarmRate: 0 },
      { threshold: 2, missRate: 0, falseAlarmRate: 0.5 },
      { threshold: 1, missRate: 0, falseAlarmRate: 1 },
    ]);
  });

  it('rejects an empty class and NaN', () => {
    expect(() => operatingPoints({ targets: [], impostors: [1] })).toThrow(RangeError);
    expect(() => operatingPoints({ targets: [1, NaN], impostors: [1] })).toThrow(RangeError);
  });
});

describe('equalErrorRate', () => {
  it('is the crossing at a point of the ROC', () => {
    // At 0.5: one of four targets refused, one of four impostors accepted.
    const trials = { targets: [0.9, 0.8, 0.5, 0.2], impostors: [0.6, 0.3, 0.1, 0] };
    expect(equalErrorRate(trials)).toEqual({ rate: 0.25, threshold: 0.5 });
  });

  it('is interpolated between two points', () => {
    // From (miss 2/3, alarm 0) at 3 to (0, 1/2) at 2: equal at 4/7 of the way, 2/7.
    const { rate, threshold } = equalErrorRate({ targets: [3, 2, 2], impostors: [2, 1] });
    expect(rate).toBeCloseTo(2 / 7, 12);
    expect(threshold).toBeCloseTo(3 - 4 / 7, 12);
  });

  it('is 0, 1 and 1/2 where it must be', () => {
    expect(equalErrorRate({ targets: [2, 3], impostors: [0, 1] }).rate).toBe(0);
    expect(equalErrorRate({ targets: [0, 1], impostors: [2, 3] }).rate).toBe(1);
    expect(equalErrorRate({ targets: [1, 1], impostors: [1] }).rate).toBe(0.5);
  });
});

describe('minimumDetectionCost', () => {
  it('is the least of the hand-computed costs', () => {
    const trials = { targets: [3, 2, 0], impostors: [2, 1, 1, 1] };
    // P = 0.5: threshold 3 costs 2/3, 2 costs 1/3 + 1/4, 1 costs 1/3 + 1, 0 costs 1.
    expect(minimumDetectionCost(trials, { targetPrior: 0.5 })).toEqual({ cost: 1 / 3 + 1 / 4, threshold: 2 });
    // P = 0.01: an accepted impostor costs 99 / 4, so only threshold 3 is cheap.
    expect(minimumDetectionCost(trials).cost).toBeCloseTo(2 / 3, 12);
    expect(minimumDetectionCost(trials).threshold).toBe(3);
    expect(minimumDetectionCost({ targets: [0], impostors: [1] })).toEqual({ cost: 1, threshold: Infinity });
  });
});

describe('detPoints', () => {
  it('puts both rates on normal-deviate axes and leaves out 0 and 1', () => {
    const points = detPoints({ targets: [3, 2, 1, 0], impostors: [2.5, 1.5, 0.5, -1] });
    expect(points.map((p) => p.threshold)).toEqual([2.5, 2, 1.5, 1, 0.5]);
    expect(points[1]).toMatchObject({ missRate: 0.5, falseAlarmRate: 0.25 });
    expect(points[1]!.y).toBeCloseTo(0, 12);
    expect(points[1]!.x).toBeCloseTo(-0.6744897501960817, 12);
  });

  it.each([
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.01, -2.3263478740408408],
    [1e-3, -3.090232306167813],
    [1e-9, -5.997807015007687],
  ])('normalDeviate(%d) is %d', (p, x) => {
    expect(normalDeviate(p)).toBeCloseTo(x, 11);
  });
});
