import { expect, test } from 'vitest';
import { TurnLog } from '../../src/tracker/turn-log.js';

test('of ever so many turns of a voice the last can be corrected, thousands of them and not all', () => {
  const log = new TurnLog();
  const count = 100_000;
  const told = { revision: 0, startSample: 0, endSample: 1, speaker: 'unknown-1', score: 0, probability: 1 };
  for (let turn = 0; turn < count; turn++) log.add({ turn, ...told }, 7);
  const turns = log.correct(7, 7, { speaker: 'dana', known: true, atSample: 2 }).map(({ turn }) => turn);
  expect(turns.length).toBeGreaterThan(1000);
  expect(turns.length).toBeLessThan(count / 2);
  expect(turns).toEqual(Array.from(turns, (_, i) => count - turns.length + i));
});
