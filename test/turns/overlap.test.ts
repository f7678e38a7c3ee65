import { describe, expect, test } from 'vitest';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { Tracker, type IdentifyEvent } from '../../src/tracker/index.js';
import { isMixed, overlapOf, type Neighbours } from '../../src/turns/overlap.js';
import { Roster } from '../../src/tracker/roster.js';
import { unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { finalsOf, MODEL, profileFor, randomVoice, windowsOf, type Part } from '../tracker/synthetic.js';

const random = randomNumbers(3131);
const [A, B, C] = [0, 1, 2].map(() => randomVoice(random)) as [Float32Array, Float32Array, Float32Array];
const speakers = [profileFor('alice', A), profileFor('bob', B)];
/** What a network that pools over time makes of two voices at once. */
const both = (a: Float32Array, b: Float32Array, share = 0.8): Float32Array =>
  unit(a.map((x, i) => x + share * b[i]!));

function eventsOf(windows: readonly EmbeddedWindow[]): IdentifyEvent[] {
  const tracker = new Tracker({ speakers, model: MODEL });
  return [...windows.flatMap((window) => tracker.push(window)), ...tracker.flush()];
}

/** Windows of which those over [from, to) seconds say how much of them that is. */
function said(parts: readonly Part[], from: number, to: number): EmbeddedWindow[] {
  return windowsOf(parts, { noise: 1 }).map((window) => {
    const [start, end] = [window.startSample / 16_000, window.endSample / 16_000];
    const overlap = Math.max(0, Math.min(end, to) - Math.max(start, from)) / (end - start);
    return { ...window, overlap };
  });
}

describe('of a model that cannot tell two voices', () => {
  const finals = (voice: Float32Array) =>
    finalsOf(eventsOf(windowsOf([{ voice, seconds: 5 }], { noise: 1 })));

  test('two enrolled voices at once are said to be two, all through the turn', () => {
    const [final] = finals(both(A, B));
    expect(final).toMatchObject({ speaker: 'alice', overlap: true, others: ['bob'] });
    const { startSample, endSample } = final!;
    expect(final!.overlaps).toEqual([{ startSample, endSample, other: 'bob' }]);
    expect(finals(both(B, A))).toMatchObject([{ speaker: 'bob', overlap: true, others: ['alice'] }]);
    expect(final!.probability).toBeLessThanOrEqual(0.5);
  });

  test('one voice is said to be one, also where nobody knows it', () => {
    for (const voice of [A, B, C])
      expect(finals(voice)).toMatchObject([{ overlap: false, others: [], overlaps: [] }]);
  });

  test('a second voice that nobody knows cannot be told', () => {
    expect(finals(both(A, C))).toMatchObject([{ speaker: 'alice', others: [] }]);
  });
});

describe('of a model that tells two voices', () => {
  test('who interrupts is named for where both are heard, and the turn keeps its probability', () => {
    const parts = [
      { voice: A, seconds: 6 },
      { voice: B, seconds: 6 },
    ];
    const alone = finalsOf(eventsOf(said(parts, 0, 0)));
    const [alice, bob] = finalsOf(eventsOf(said(parts, 4.8, 6)));
    expect(alice).toMatchObject({ speaker: 'alice', overlap: true, others: ['bob'] });
    expect(alice!.overlaps).toHaveLength(1);
    const { startSample, endSample, other } = alice!.overlaps[0]!;
    expect(other).toBe('bob');
    expect(Math.abs(startSample / 16_000 - 4.8)).toBeLessThan(0.4);
    expect(endSample).toBeLessThanOrEqual(alice!.endSample);
    expect(alice!.probability).toBeLessThan(alone[0]!.probability);
    expect(alice!.probability).toBeGreaterThan(0.8 * alone[0]!.probability);
    expect(bob).toMatchObject({ speaker: 'bob' });
    expect(alone.map(({ overlaps }) => overlaps)).toEqual([[], []]);
  });

  test('who goes on while somebody else begins is named too', () => {
    const parts = [
      { voice: A, seconds: 6 },
      { voice: B, seconds: 6 },
    ];
    const events = eventsOf(said(parts, 6.2, 7.4));
    expect(finalsOf(events)[1]).toMatchObject({ speaker: 'bob', overlap: true, others: ['alice'] });
    // At once, before the turn of who goes on is settled.
    const told = events.find((event) => event.type === 'tentative' && event.overlap);
    expect(told).toMatchObject({ speaker: 'bob', others: ['alice'] });
  });

  test('whose short turn ends with the stretch of speech is named in the one before', () => {
    const parts = [
      { voice: A, seconds: 6 },
      { voice: B, seconds: 1.5 },
      { voice: null, seconds: 2 },
    ];
    expect(finalsOf(eventsOf(said(parts, 5, 6)))).toMatchObject([
      { speaker: 'alice', others: ['bob'] },
      { speaker: 'bob' },
    ]);
  });

  test('in the middle of a turn, far from others, somebody is heard and not named', () => {
    const parts = [
      { voice: A, seconds: 8 },
      { voice: B, seconds: 4 },
    ];
    const [alice] = finalsOf(eventsOf(said(parts, 3, 4.5)));
    expect(alice).toMatchObject({ speaker: 'alice', overlap: true, others: [] });
    expect(alice!.overlaps).toMatchObject([{ other: null }]);
  });

  test('the second is told from where two are heard, not from the whole turn', () => {
    const parts = [
      { voice: A, seconds: 8 },
      { voice: both(A, B, 0.7), seconds: 3 },
    ];
    const [final, ...more] = finalsOf(eventsOf(said(parts, 8, 11)));
    expect(more).toEqual([]);
    expect(final).toMatchObject({ speaker: 'alice', others: ['bob'], overlaps: [{ other: 'bob' }] });
    expect(Math.abs(final!.overlaps[0]!.startSample / 16_000 - 8)).toBeLessThan(0.5);
  });

  test('where two are heard, less of a lean names the second; where one is, none does', () => {
    const parts = [{ voice: both(A, B, 0.45), seconds: 5 }];
    expect(finalsOf(eventsOf(windowsOf(parts, { noise: 1 })))).toMatchObject([{ overlap: false }]);
    expect(finalsOf(eventsOf(said(parts, 0, 5)))).toMatchObject([{ speaker: 'alice', others: ['bob'] }]);
    const lean = [{ voice: both(A, B), seconds: 5 }];
    expect(finalsOf(eventsOf(said(lean, 0, 0)))).toMatchObject([{ overlap: false, others: [] }]);
  });

  test('a turn in progress says so while it is so, and no longer', () => {
    const parts = [{ voice: A, seconds: 9 }];
    const told = eventsOf(said(parts, 3, 5)).flatMap((event) =>
      event.type === 'tentative' ? [[event.overlap, event.endSample / 16_000] as const] : [],
    );
    const [begins, ends] = [told.find(([overlap]) => overlap)!, told.findLast(([overlap]) => overlap)!];
    expect(begins[1]).toBeGreaterThan(3);
    expect(begins[1]).toBeLessThan(5);
    expect(told.at(-1)![0]).toBe(false);
    expect(told.at(-1)![1]).toBeGreaterThan(ends[1]);
    expect(told.at(-1)![1]).toBeLessThan(7);
  });

  test('of an early stretch of a long turn the second is told too', () => {
    const parts = [
      { voice: A, seconds: 3 },
      { voice: both(A, B), seconds: 2 },
      { voice: A, seconds: 50 },
    ];
    const long = finalsOf(eventsOf(said(parts, 3, 5))).at(-1)!;
    expect(long.endSample - long.startSample).toBeGreaterThan(48 * 16_000);
    expect(long).toMatchObject({ speaker: 'alice', others: ['bob'] });
  });

  test('a turn that is over and not settled says whether it ended so', () => {
    const parts = [
      { voice: A, seconds: 6 },
      { voice: B, seconds: 6 },
    ];
    const ofAlice = (windows: readonly EmbeddedWindow[]) =>
      eventsOf(windows).flatMap((event) =>
        event.type === 'tentative' && event.turn === 0
          ? [[event.atSample / 16_000, event.overlap] as const]
          : [],
      );
    const early = ofAlice(said(parts, 1, 2.5)).filter(([at]) => at > 4);
    expect(early.every(([, overlap]) => !overlap)).toBe(true);
    const late = ofAlice(said(parts, 5, 6)).filter(([at]) => at > 6.5);
    expect(late.some(([, overlap]) => overlap)).toBe(true);
  });

  test('who goes on has the name that was given since', () => {
    const tracker = new Tracker({ speakers, model: MODEL });
    const windows = said(
      [
        { voice: C, seconds: 6 },
        { voice: null, seconds: 0.9 },
        { voice: C, seconds: 4 },
      ],
      7,
      8.2,
    );
    const finals = windows.flatMap((window) => {
      const events = tracker.push(window);
      const settled = events.some((event) => event.type === 'final' && event.speaker === 'unknown-1');
      const named = settled ? tracker.command({ type: 'name', label: 'unknown-1', speaker: 'dana' }) : [];
      return finalsOf([...events, ...named]);
    });
    expect([...finals, ...finalsOf(tracker.flush())]).toMatchObject([
      { speaker: 'unknown-1', overlap: false },
      { speaker: 'dana', overlap: true, overlaps: [{ other: null }] },
    ]);
  });

  test('nobody is learnt for good from a turn that leans to a second', () => {
    const learnt = (voice: Float32Array) => {
      const lessons: unknown[] = [];
      const adapt = (lesson: unknown): void => void lessons.push(lesson);
      const tracker = new Tracker({ speakers, model: MODEL, adapt });
      const windows = said([{ voice, seconds: 10 }], 0, 0);
      for (const window of windows) tracker.push(window);
      tracker.flush();
      return lessons.length;
    };
    expect(learnt(A)).toBe(1);
    expect(learnt(both(A, B, 0.6))).toBe(0);
  });

  test('a stranger who is never heard alone founds no voice', () => {
    const parts = [{ voice: C, seconds: 6 }];
    const labels = (windows: readonly EmbeddedWindow[]) =>
      finalsOf(eventsOf(windows)).map(({ speaker }) => speaker);
    expect(labels(said(parts, 0, 0))).toEqual(['unknown-1']);
    expect(labels(said(parts, 0, 6))).toEqual(['unknown']);
    expect(labels(said(parts, 0, 2))).toEqual(['unknown-1']);
  });
});

describe('of two neighbours', () => {
  const people = new Roster(null);
  people.enrol(speakers);
  const alice = people.enrolled.find(({ label }) => label === 'alice')!.voice;
  const verdict = { voice: alice, evidence: null };
  const second = (start: number, end: number) => ({ startSample: start * 16_000, endSample: end * 16_000 });
  /** Who is said to speak beside Alice from 2 s to 3 s. */
  const other = (neighbours: Neighbours): string | null =>
    overlapOf(verdict, second(1, 5), [{ ...second(2, 3), direction: A }], neighbours, people).stretches[0]!
      .other;
  const ended = (at: number, speaker: string) => ({ before: { ...second(0, at), speaker } });
  const begins = (at: number, speaker: string) => ({ after: { ...second(at, 9), speaker } });

  test('the nearer is the second voice, and none that is more than a second away', () => {
    expect(other({ ...ended(1.5, 'bob'), ...begins(3.9, 'unknown-1') })).toBe('bob');
    expect(other({ ...ended(1.2, 'bob'), ...begins(3.5, 'unknown-1') })).toBe('unknown-1');
    expect(other(ended(1, 'bob'))).toBe('bob');
    expect(other(begins(4, 'bob'))).toBe('bob');
    expect(other(ended(0.9, 'bob'))).toBeNull();
    expect(other(begins(4.1, 'bob'))).toBeNull();
    expect(other({})).toBeNull();
  });

  test('nobody speaks beside themselves, and who cannot be told is not named', () => {
    expect(other(ended(1.9, 'alice'))).toBeNull();
    expect(other({ ...ended(1.9, 'alice'), ...begins(3.5, 'bob') })).toBe('bob');
    expect(other(ended(1.9, 'unknown'))).toBeNull();
    expect(other({ ...ended(1.9, 'unknown'), ...begins(3.5, 'bob') })).toBe('bob');
  });

  test('a turn that leans to a second voice as a whole is mixed, and says nothing of two that are not heard', () => {
    const evidence = (direction: Float32Array) => ({ direction, seconds: 3, stats: null });
    const of = (direction: Float32Array) =>
      overlapOf({ ...verdict, evidence: evidence(direction) }, second(1, 5), [], {}, people);
    expect(of(both(A, B))).toMatchObject({ stretches: [], share: 0, leans: true });
    expect(isMixed(of(both(A, B)))).toBe(true);
    expect(isMixed(of(A))).toBe(false);
  });

  test('the share of the turn is told', () => {
    const heard = [second(1, 2), second(4, 5)].map((stretch) => ({ ...stretch, direction: A }));
    const found = overlapOf(verdict, second(1, 5), heard, {}, people);
    expect(found.stretches).toEqual(
      heard.map(({ startSample, endSample }) => ({ startSample, endSample, other: null })),
    );
    expect(found.share).toBeCloseTo(0.5, 9);
    expect(isMixed(found)).toBe(false);
  });
});
