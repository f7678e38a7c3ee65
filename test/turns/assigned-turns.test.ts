import { describe, expect, test } from 'vitest';
import type { FinalEvent, IdentifyEvent, TentativeEvent } from '../../src/events/events.js';
import { TurnBook } from '../../src/transcript/turn-book.js';
import { AssignedTurns } from '../../src/turns/assigned-turns.js';
import { correctionOf, finalOf, tentativeOf } from '../events/build.js';

const at = (turn: number, revision: number, speaker: string) => ({
  ...{ turn, revision, speaker, start: turn, end: turn + 1 },
});
const tentative = (turn: number, speaker: string): TentativeEvent => ({
  ...tentativeOf(at(turn, 0, speaker)),
  others: ['bob'],
});
const final = (turn: number, speaker: string): FinalEvent => ({
  ...finalOf(at(turn, 0, speaker)),
  others: ['bob'],
});
const correction = (turn: number, was: string, speaker: string) => correctionOf(at(turn, 1, speaker), was);

describe('a turn that was assigned', () => {
  test('while later ones are told: those are told again, for a tentative withdraws them', () => {
    const assigned = new AssignedTurns();
    const book = new TurnBook();
    const take = (events: readonly IdentifyEvent[]): void => {
      for (const event of events) book.apply(event);
    };
    take(assigned.told([0, 1, 2].map((turn) => tentative(turn, `unknown-${turn + 1}`))));
    take(assigned.assign(0, { speaker: 'alice', known: true }, 9));
    expect(book.turns.map(({ speaker }) => speaker)).toEqual(['alice', 'unknown-2', 'unknown-3']);
    expect(book.current?.turn).toBe(2);
    expect(book.turns.map(({ revision, others }) => [revision, others])).toEqual(
      [0, 1, 2].map(() => [1, ['bob']]),
    );
    // What is told of them next is later still.
    expect(assigned.told([{ ...final(1, 'unknown-2'), revision: 1 }])).toMatchObject([{ revision: 2 }]);
  });

  test('is called as its owner is, when that voice gets the older label of another', () => {
    const assigned = new AssignedTurns();
    assigned.told([final(0, 'unknown-3')]);
    assigned.assign(0, { speaker: 'unknown-2', known: false }, 5);
    // The memory of the stream follows what was assigned.
    expect(assigned.told([correction(0, 'unknown-3', 'unknown-2')])).toEqual([]);
    const told = assigned.told([{ ...correction(0, 'unknown-2', 'unknown-1'), revision: 2 }]);
    expect(told).toMatchObject([
      { type: 'correction', revision: 2, was: 'unknown-2', speaker: 'unknown-1', probability: 1 },
    ]);
    expect(assigned.ownerOf(0, 0)?.speaker).toBe('unknown-1');
  });

  test('in progress is nobody’s by that where another turn gets its number', () => {
    const assigned = new AssignedTurns();
    assigned.told([tentative(0, 'unknown-1')]);
    assigned.assign(0, { speaker: 'alice', known: true }, 5);
    expect(assigned.ownerOf(0, 16_000)?.speaker).toBe('alice');
    // It is settled by this before it is told.
    expect(assigned.ownerOf(0, 32_000)).toBeUndefined();
    const later = { ...final(0, 'unknown-2'), startSample: 32_000, revision: 1 };
    expect(assigned.told([later])).toMatchObject([{ speaker: 'unknown-2', revision: 2 }]);
    expect(assigned.has(0)).toBe(false);
  });

  test('stays remembered when turns that were let go are corrected', () => {
    const assigned = new AssignedTurns();
    for (let turn = 0; turn <= 2000; turn++) assigned.told([final(turn, 'unknown-1')]);
    assigned.assign(1, { speaker: 'alice', known: true }, 5);
    expect(assigned.remembers(0)).toBe(false);
    expect(assigned.told([correction(0, 'unknown-1', 'bob')])).toHaveLength(1);
    expect(assigned.told([correction(1, 'unknown-1', 'bob')])).toEqual([]);
  });
});
