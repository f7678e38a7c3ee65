import { expect, test } from 'vitest';
import { Scorer } from '../../src/scoring/scorer.js';
import { MODEL } from '../tracker/synthetic.js';

test('by default 8 % of the turns of one window may pass, and what is asked of longer ones rises as their own scores do', () => {
  const scorer = new Scorer(MODEL.calibration, null);
  // The standard normal deviate that 8 % exceed.
  expect(scorer.defaultAcceptAt(1.5)).toBeCloseTo(1.4051, 3);
  const rise = scorer.defaultAcceptAt(6) - scorer.defaultAcceptAt(1.5);
  expect(rise).toBeGreaterThan(0.5);
  expect(rise).toBeCloseTo(scorer.genuine(6, Infinity).mean - scorer.genuine(1.5, Infinity).mean, 9);
});
