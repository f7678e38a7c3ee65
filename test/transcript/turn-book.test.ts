import { describe, expect, it } from 'vitest';
import { toJson, toRttm, TurnBook, type TurnEvent } from '../../src/client/index.js';
import { readRttm } from '../../src/evaluate/index.js';
import { correctionOf, finalOf, tentativeOf } from '../events/build.js';

const turn = (
  type: 'tentative' | 'final',
  number: number,
  revision: number,
  [start, end]: readonly [number, number],
  speaker: string,
): TurnEvent => {
  const told = { turn: number, revision, speaker, start, end };
  return type === 'final' ? finalOf(told) : tentativeOf(told);
};
const correction = (number: number, revision: number, speaker: string, was: string): TurnEvent => ({
  ...correctionOf({ turn: number, revision, speaker, start: 1, end: 2 }, was),
  known: true,
});
const told = (book: TurnBook): string[] =>
  book.turns.map(({ turn: number, speaker, final }) => `${number} ${speaker}${final ? '' : '?'}`);

describe('TurnBook of several channels', () => {
  const on = (channel: number, event: TurnEvent): TurnEvent => ({ ...event, channel }) as TurnEvent;

  it('an event of one channel withdraws, ends and settles nothing of another', () => {
    const book = new TurnBook();
    book.apply(on(0, turn('tentative', 0, 0, [0, 2], 'alice')));
    book.apply(on(1, turn('tentative', 1, 0, [1, 2], 'bob')));
    book.apply(on(0, turn('tentative', 0, 1, [0, 3], 'carol')));
    expect(told(book)).toEqual(['0 carol?', '1 bob?']);
    const [early, late] = book.turnsAt(4 * 16_000);
    expect([early!.endSample, late!.endSample]).toEqual([4 * 16_000, 4 * 16_000]);
    expect(book.current?.speaker).toBe('carol');
    book.apply({ type: 'silence', channel: 0, startSample: 48_000, atSample: 56_000 });
    expect(book.current?.speaker).toBe('bob');
    book.apply({ type: 'silence', channel: 1, startSample: 48_000, atSample: 56_000 });
    expect(book.current).toBeUndefined();
  });

  it('turns come in order of their beginnings, and are exported with their channels', () => {
    const book = new TurnBook();
    book.apply(on(1, turn('final', 1, 0, [3, 4], 'bob')));
    book.apply(on(0, turn('final', 2, 0, [1, 2], 'alice')));
    expect(told(book)).toEqual(['2 alice', '1 bob']);
    const rttm = toRttm(book.turns, 'call').split('\n');
    expect(rttm[0]).toBe('SPEAKER call 1 1.000 1.000 <NA> <NA> alice <NA> <NA>');
    expect(rttm[1]).toBe('SPEAKER call 2 3.000 1.000 <NA> <NA> bob <NA> <NA>');
    const { turns } = JSON.parse(toJson(book.turns, 'call')) as { turns: { channel?: number }[] };
    expect(turns.map(({ channel }) => channel)).toEqual([0, 1]);
  });
});

describe('TurnBook', () => {
  it('later revisions replace earlier ones, and a final stands', () => {
    const book = new TurnBook();
    expect(book.apply(turn('tentative', 1, 0, [0, 1], 'unknown'))).toBe(true);
    expect(book.apply(turn('tentative', 1, 1, [0, 2], 'alice'))).toBe(true);
    expect(book.apply(turn('tentative', 1, 0, [0, 1], 'unknown'))).toBe(false);
    expect(book.current?.speaker).toBe('alice');
    expect(book.apply(turn('final', 1, 2, [0.1, 2.5], 'alice'))).toBe(true);
    expect(book.apply(turn('tentative', 1, 3, [0, 3], 'bob'))).toBe(false);
    expect(told(book)).toEqual(['1 alice']);
    expect(book.current).toBeUndefined();
    expect(book.heardSample).toBe(48_000);
  });

  it('a tentative turn withdraws what was believed of later ones, not what is settled', () => {
    const book = new TurnBook();
    book.apply(turn('final', 1, 1, [0, 1], 'alice'));
    book.apply(turn('tentative', 2, 0, [1, 2], 'bob'));
    book.apply(turn('tentative', 3, 0, [2, 3], 'carol'));
    expect(told(book)).toEqual(['1 alice', '2 bob?', '3 carol?']);
    book.apply(turn('tentative', 2, 1, [1, 4], 'bob'));
    expect(told(book)).toEqual(['1 alice', '2 bob?']);
    expect(book.current?.turn).toBe(2);
  });

  it('a turn that is settled leaves later ones as they are', () => {
    const book = new TurnBook();
    book.apply(turn('tentative', 1, 0, [0, 1], 'alice'));
    book.apply(turn('tentative', 2, 0, [2, 3], 'bob'));
    book.apply(turn('final', 1, 1, [0, 1.5], 'alice'));
    expect(told(book)).toEqual(['1 alice', '2 bob?']);
    expect(book.current?.turn).toBe(2);
  });

  it('what is not settled goes on: to the next turn, to the silence, or until now', () => {
    const ends = (book: TurnBook): number[] =>
      book.turnsAt(160_000).map(({ endSample }) => endSample / 16_000);
    const book = new TurnBook();
    book.apply(turn('tentative', 1, 0, [0, 1], 'alice'));
    expect(ends(book)).toEqual([10]);
    book.apply(turn('tentative', 2, 0, [4, 5], 'bob'));
    expect(ends(book)).toEqual([4, 10]);
    book.apply({ type: 'silence', startSample: 96_000, atSample: 100_000 });
    expect(ends(book)).toEqual([4, 6]);
    book.apply(turn('final', 1, 1, [0, 3.5], 'alice'));
    expect(ends(book)).toEqual([3.5, 6]);
  });

  it('silence and the end stop the current turn and keep it', () => {
    for (const stop of [
      { type: 'silence', startSample: 16_000, atSample: 20_000 },
      { type: 'end', endSample: 20_000 },
    ] as const) {
      const book = new TurnBook();
      book.apply(turn('tentative', 1, 0, [0, 1], 'alice'));
      expect(book.apply(stop)).toBe(true);
      expect(book.current).toBeUndefined();
      expect(told(book)).toEqual(['1 alice?']);
    }
  });

  it('corrections rename settled turns and remember the label before', () => {
    const book = new TurnBook();
    book.apply(turn('final', 1, 1, [1, 2], 'unknown-1'));
    expect(book.apply(correction(1, 2, 'carol', 'unknown-1'))).toBe(true);
    expect(book.apply(correction(9, 2, 'carol', 'unknown-1'))).toBe(false);
    expect(book.turns[0]).toMatchObject({ speaker: 'carol', was: 'unknown-1', known: true, final: true });
  });

  it('a new session goes on after the old one, in turns and in time', () => {
    const book = new TurnBook();
    book.apply(turn('final', 1, 1, [0, 1], 'alice'));
    book.apply(turn('tentative', 2, 1, [1, 2], 'bob'));
    book.apply({ type: 'restarted', offsetSeconds: 10 });
    expect(told(book)).toEqual(['1 alice']);
    book.apply(turn('final', 1, 1, [0.5, 2], 'bob'));
    expect(book.turns.at(-1)).toMatchObject({ turn: 3, startSample: 168_000, endSample: 192_000 });
    book.apply(correction(1, 2, 'carol', 'bob'));
    expect(told(book)).toEqual(['1 alice', '3 carol']);
  });

  it('keeps no more turns than it was told to', () => {
    const book = new TurnBook(3);
    for (let i = 1; i <= 5; i++) book.apply(turn('final', i, 0, [i, i + 1], 'alice'));
    expect(told(book)).toEqual(['3 alice', '4 alice', '5 alice']);
    expect(book.droppedTurns).toBe(2);
  });

  it('a label can be changed here alone', () => {
    const book = new TurnBook();
    book.apply(turn('final', 1, 1, [1, 2], 'unknown-1'));
    book.relabel('unknown-1', 'carol');
    expect(book.turns[0]).toMatchObject({ speaker: 'carol', was: 'unknown-1' });
  });

  it('who spoke beside somebody is named too', () => {
    const beside = {
      ...turn('final', 1, 1, [1, 3], 'alice'),
      overlap: true,
      others: ['unknown-1'],
      overlaps: [
        { startSample: 16_000, endSample: 24_000, other: 'unknown-1' },
        { startSample: 32_000, endSample: 40_000, other: null },
      ],
    } as TurnEvent;
    const book = new TurnBook();
    book.apply(beside);
    expect(book.apply({ type: 'named', label: 'unknown-2', speaker: 'bob' })).toBe(false);
    expect(book.apply({ type: 'named', label: 'unknown-1', speaker: 'dana' })).toBe(true);
    expect(book.turns[0]).toMatchObject({
      speaker: 'alice',
      others: ['dana'],
      overlaps: [{ other: 'dana' }, { other: null }],
    });
    book.apply({ type: 'restarted', offsetSeconds: 10 });
    book.apply({ type: 'named', label: 'dana', speaker: 'eve' });
    expect(book.turns[0]).toMatchObject({ others: ['dana'] });
    const here = new TurnBook();
    here.apply(beside);
    here.relabel('unknown-1', 'carol');
    expect(here.turns[0]).toMatchObject({ speaker: 'alice', others: ['carol'] });
    expect(here.turns[0]).not.toHaveProperty('was');
  });

  it('ignores what is not about turns', () => {
    expect(new TurnBook().apply({ type: 'lag' })).toBe(false);
  });
});

describe('export', () => {
  const book = new TurnBook();
  book.apply(turn('final', 1, 1, [0.5, 2.25], 'Mary Ann'));
  book.apply(turn('final', 2, 1, [3, 4], 'unknown-1'));
  book.apply(turn('tentative', 3, 1, [5, 6], 'bob'));

  it('RTTM has a line for each stretch of speech, in the time of the whole', () => {
    const paused = new TurnBook();
    paused.apply({ type: 'restarted', offsetSeconds: 10 });
    const final = turn('final', 0, 1, [1, 4], 'alice');
    const speech = [
      { startSample: 16_000, endSample: 24_000 },
      { startSample: 40_000, endSample: 64_000 },
    ];
    const overlaps = [{ startSample: 16_000, endSample: 20_000, other: 'bob' }];
    paused.apply({ ...final, speech, overlaps } as TurnEvent);
    const stretches = [
      { startSeconds: 11, endSeconds: 11.5 },
      { startSeconds: 12.5, endSeconds: 14 },
    ];
    expect(readRttm(toRttm(paused.turns, 'x'))).toEqual(
      stretches.map((stretch) => ({ recording: 'x', speaker: 'alice', ...stretch })),
    );
    expect(JSON.parse(toJson(paused.turns, 'x'))).toMatchObject({
      turns: [{ speech: stretches, overlaps: [{ startSeconds: 11, endSeconds: 11.25, other: 'bob' }] }],
    });
  });

  it('RTTM reads back as the settled turns', () => {
    expect(readRttm(toRttm(book.turns, 'a call'))).toEqual([
      { recording: 'a_call', startSeconds: 0.5, endSeconds: 2.25, speaker: 'Mary_Ann' },
      { recording: 'a_call', startSeconds: 3, endSeconds: 4, speaker: 'unknown-1' },
    ]);
  });

  it('JSON holds the settled turns in seconds', () => {
    const { recording, turns } = JSON.parse(toJson(book.turns, 'a call')) as {
      recording: string;
      turns: object[];
    };
    expect(recording).toBe('a call');
    expect(turns).toHaveLength(2);
    expect(turns[0]).toMatchObject({
      turn: 1,
      startSeconds: 0.5,
      endSeconds: 2.25,
      speaker: 'Mary Ann',
      known: true,
    });
  });
});
