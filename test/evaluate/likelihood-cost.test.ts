import { describe, expect, it } from 'vitest';
import { likelihoodCost, minimumLikelihoodCost } from '../../src/evaluate/index.js';

const LN3 = Math.log(3);

describe('likelihoodCost', () => {
  it('is what the definition gives by hand', () => {
    // Of either class: one score that says nothing (1 bit), one at odds of 3 to 1 (log2(4/3) bits).
    const cost = likelihoodCost({ targets: [0, LN3], impostors: [0, -LN3] });
    expect(cost).toBeCloseTo((1 + Math.log2(4 / 3)) / 2, 12);
    // Classes weigh the same, however many trials they have: (1 + log2(4)) / 2.
    expect(likelihoodCost({ targets: [0, 0, 0], impostors: [LN3] })).toBeCloseTo(1.5, 12);
    expect(likelihoodCost({ targets: [0], impostors: [0, 0] })).toBe(1);
  });

  it('holds for scores that are very sure, rightly or wrongly', () => {
    expect(likelihoodCost({ targets: [2000], impostors: [-2000] })).toBe(0);
    expect(likelihoodCost({ targets: [-2000], impostors: [2000] })).toBeCloseTo(2000 / Math.LN2, 9);
  });

  it('needs both classes, and numbers', () => {
    expect(() => likelihoodCost({ targets: [], impostors: [1] })).toThrow(RangeError);
    expect(() => likelihoodCost({ targets: [NaN], impostors: [1] })).toThrow(RangeError);
  });
});

describe('minimumLikelihoodCost', () => {
  it('pools what is in the wrong order', () => {
    // 2 | 1, 0 | -1: the middle two say nothing, the others all: half of either class costs 1 bit.
    expect(minimumLikelihoodCost({ targets: [2, 0], impostors: [1, -1] })).toBeCloseTo(0.5, 12);
    // One pool of 1 target in 2 and 1 impostor in 3, (1/2 log2(5/3) + 1/3 log2(5/2)) / 2.
    const uneven = minimumLikelihoodCost({ targets: [4, 1], impostors: [2, 0, 0] });
    expect(uneven).toBeCloseTo((Math.log2(5 / 3) / 2 + Math.log2(5 / 2) / 3) / 2, 12);
  });

  it('gives equal scores one ratio', () => {
    expect(minimumLikelihoodCost({ targets: [7, 7], impostors: [7] })).toBeCloseTo(1, 12);
  });

  it('is 0 where classes are apart, 1 where they are the wrong way round', () => {
    expect(minimumLikelihoodCost({ targets: [2, 3], impostors: [0, 1] })).toBe(0);
    expect(minimumLikelihoodCost({ targets: [0, 1], impostors: [2, 3] })).toBeCloseTo(1, 12);
  });

  it('does not see the scale, which Cllr does', () => {
    const trials = { targets: [3, 0.5, -0.2, 1], impostors: [-2, 0.7, -1, 0] };
    const scaled = { targets: trials.targets.map(Math.exp), impostors: trials.impostors.map(Math.exp) };
    expect(minimumLikelihoodCost(scaled)).toBeCloseTo(minimumLikelihoodCost(trials), 12);
    expect(minimumLikelihoodCost(trials)).toBeLessThan(likelihoodCost(trials));
    expect(likelihoodCost(scaled)).toBeGreaterThan(likelihoodCost(trials));
  });
});
