import { expect, test } from 'vitest';
import { LagTeller } from '../../src/server/session/lag-teller.js';

test('tells of a lag at intervals, and once when it is over', () => {
  const lag = new LagTeller();
  const asked = [
    [0.9, 0],
    [1.1, 100],
    [2, 600],
    [2, 1100],
    [0.7, 1200],
    [0.4, 1300],
    [0.4, 1400],
    [1.5, 1500],
  ] as const;
  const told = asked.map(([behindSeconds, nowMs]) => lag.isWorthTelling(behindSeconds, nowMs));
  expect(told).toEqual([false, true, false, true, false, true, false, true]);
});
