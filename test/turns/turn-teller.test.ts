import { expect, test } from 'vitest';
import { TurnTeller, type Belief } from '../../src/turns/turn-teller.js';
import { tentativeOf } from '../events/build.js';

const belief = (speaker: string): Belief => {
  const { type, turn, revision, atSample, ...belief } = tentativeOf({
    turn: 0,
    revision: 0,
    speaker,
    start: 0,
    end: 1,
  });
  return belief;
};

test('a turn that is withdrawn and told again counts on: its final has the greatest revision', () => {
  const teller = new TurnTeller();
  const told = [
    ...teller.tentative(0, belief('alice'), 1, true),
    ...teller.tentative(1, belief('bob'), 2, true),
    // One turn after all.
    ...teller.tentative(0, belief('alice'), 3, true),
    ...teller.tentative(1, belief('carol'), 4, true),
    ...teller.final(belief('alice'), { speech: [], overlaps: [] }, 5),
    ...teller.final(belief('carol'), { speech: [], overlaps: [] }, 6),
  ];
  expect(told.map(({ type, turn, revision }) => [type, turn, revision])).toEqual([
    ['tentative', 0, 0],
    ['tentative', 1, 0],
    ['tentative', 0, 1],
    ['tentative', 1, 1],
    ['final', 0, 2],
    ['final', 1, 2],
  ]);
});

test('a turn that proved to be part of the one before is not told of any more once nobody speaks', () => {
  const teller = new TurnTeller();
  teller.tentative(0, belief('alice'), 1, true);
  teller.tentative(1, belief('bob'), 2, true);
  teller.final(belief('alice'), { speech: [], overlaps: [] }, 3);
  expect(teller.rest()).toBe(true);
  // Whoever speaks next has its number, and was not told before.
  expect(teller.told(0)).toBeUndefined();
  expect(teller.tentative(0, belief('bob'), 9, true)).toMatchObject([
    { turn: 1, revision: 1, speaker: 'bob' },
  ]);
});
