import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { joinRegions } from '../../src/evaluate/turns.js';
import type { EmbeddedWindow } from '../../src/native/types.js';
import {
  isUnknownLabel,
  Tracker,
  UNKNOWN,
  type IdentifyEvent,
  type TrackerOptions,
} from '../../src/tracker/index.js';
import { randomNumbers } from '../random.js';
import {
  MODEL,
  RATE,
  mixed,
  moved,
  profileFor,
  randomVoice,
  finalsOf,
  tentativesOf,
  told,
  windowsOf,
  type Part,
} from './synthetic.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const random = randomNumbers(2024);
const [A, B, C] = [randomVoice(random), randomVoice(random), randomVoice(random)];
const alice = profileFor('alice', A);
const bob = profileFor('bob', B);
const speakers = [alice, bob];

function run(windows: readonly EmbeddedWindow[], options: Partial<TrackerOptions> = {}): IdentifyEvent[] {
  const tracker = new Tracker({ speakers, model: MODEL, ...options });
  return [...windows.flatMap((window) => tracker.push(window)), ...tracker.flush()];
}

const say = (voice: Float32Array | null, seconds: number): Part => ({ voice, seconds });
const silence = (seconds: number): Part => say(null, seconds);

/** What must hold of every stream of events. */
function expectSound(events: readonly IdentifyEvent[], endSample: number): void {
  let before = 0;
  for (const { startSample, endSample: end, speech } of finalsOf(events)) {
    expect(startSample).toBeGreaterThanOrEqual(before);
    expect(end).toBeGreaterThan(startSample);
    before = startSample;
    for (const stretch of speech) {
      expect(stretch.startSample).toBeGreaterThanOrEqual(before);
      expect(stretch.endSample).toBeGreaterThan(stretch.startSample);
      before = stretch.endSample;
    }
    expect(before).toBeLessThanOrEqual(end);
    before = end;
  }
  expect(before).toBeLessThanOrEqual(endSample);
  expect(events.filter(({ type }) => type === 'end')).toEqual([{ type: 'end', endSample }]);
  expect(events.at(-1)!.type).toBe('end');
  for (const event of tentativesOf(events)) {
    expect(event.atSample).toBeGreaterThan(event.startSample);
    expect(event.probability).toBeGreaterThan(0);
    expect(event.probability).toBeLessThanOrEqual(1);
    expect(Math.abs(event.score)).toBeLessThanOrEqual(1);
    expect(event.known).toBe(!isUnknownLabel(event.speaker));
  }
}

describe('one voice', () => {
  test('is named after the first window, and told once', () => {
    const events = run(windowsOf([say(A, 6)]));
    expectSound(events, 6 * RATE);
    expect(tentativesOf(events)).toMatchObject([
      { speaker: 'alice', known: true, startSample: 0, atSample: 1.5 * RATE },
    ]);
    expect(told(events)).toEqual(['alice 0.0-6.0']);
    expect(finalsOf(events)[0]!.score).toBeGreaterThan(0.7);
  });

  test('of under a window is named at the flush', () => {
    const events = run(windowsOf([say(B, 0.8)]));
    expect(events.map(({ type }) => type)).toEqual(['tentative', 'final', 'end']);
    expect(told(events)).toEqual(['bob 0.0-0.8']);
  });

  test('nobody enrolled is unknown', () => {
    const events = run(windowsOf([say(A, 3), silence(1), say(B, 3)]), { speakers: [] });
    expect(told(events)).toEqual(['unknown-1 0.0-3.0', 'unknown-2 3.8-7.0']);
    expect(tentativesOf(events).map(({ speaker }) => speaker)).toEqual([
      UNKNOWN,
      'unknown-1',
      UNKNOWN,
      'unknown-2',
    ]);
    expect(new Set(finalsOf(events).map(({ score }) => score))).toEqual(new Set([0]));
  });

  test('not enrolled is unknown, and its score is that of the nearest', () => {
    const events = run(windowsOf([say(C, 5)]));
    expect(told(events)).toEqual(['unknown-1 0.0-5.0']);
    expect(finalsOf(events)[0]!.known).toBe(false);
    expect(finalsOf(events)[0]!.score).toBeLessThan(0.4);
  });
});

describe('changes of speaker', () => {
  test('without a pause are found within 0.3 s and told within 2 s', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const events = run(windowsOf([say(A, 4.2), say(B, 4.5), say(A, 4)], { seed }));
      expectSound(events, 12.7 * RATE);
      expect(finalsOf(events).map(({ speaker }) => speaker)).toEqual(['alice', 'bob', 'alice']);
      for (const [i, change] of [4.2, 8.7].entries()) {
        expect(Math.abs(finalsOf(events)[i]!.endSample / RATE - change)).toBeLessThanOrEqual(0.3);
        expect(tentativesOf(events)[i + 1]!.atSample / RATE - change).toBeLessThanOrEqual(2);
      }
    }
  });

  test('at a pause are put at the pause, softly', () => {
    const events = run(windowsOf([say(A, 4), silence(0.4), say(B, 4)]));
    expect(told(events)).toEqual(['alice 0.0-4.0', 'bob 4.2-8.4']);
    expect(finalsOf(events)[1]!.startSample).toBe(4.2 * RATE);
    expect(events.some(({ type }) => type === 'silence')).toBe(false);
  });

  test('mint no third person from the windows that span them', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const parts = Array.from({ length: 8 }, (_, i) =>
        say(i % 2 === 0 ? A : B, 2 + ((seed * 7 + i * 3) % 10) / 5),
      );
      const events = run(windowsOf(parts, { seed }));
      const names = new Set([...finalsOf(events), ...tentativesOf(events)].map(({ speaker }) => speaker));
      expect([...names].sort()).toEqual(['alice', 'bob']);
    }
  });

  test('to a stranger and back', () => {
    const events = run(windowsOf([say(A, 4), say(C, 4), say(B, 4)]));
    expect(finalsOf(events).map(({ speaker }) => speaker)).toEqual(['alice', 'unknown-1', 'bob']);
    expect(Math.abs(finalsOf(events)[0]!.endSample - 4 * RATE)).toBeLessThan(0.4 * RATE);
  });

  test('from a stranger to the speaker whom they sound a little like is found as soon as any', () => {
    for (let seed = 1; seed <= 3; seed++) {
      const voices = randomNumbers(seed);
      const like = mixed(randomVoice(voices), A, 0.38);
      const others = Array.from({ length: 3 }, (_, i) => profileFor(`s${i}`, randomVoice(voices)));
      const events = run(windowsOf([say(B, 4), silence(2), say(like, 10), say(A, 4)], { noise: 1, seed }), {
        speakers: [...speakers, ...others],
        unknownPrior: 0.2,
        falseAcceptRate: 0.2,
      });
      expect(finalsOf(events).map(({ speaker }) => speaker)).toEqual(['bob', 'unknown-1', 'alice']);
      expect(Math.abs(finalsOf(events)[2]!.startSample / RATE - 16)).toBeLessThan(0.4);
      const first = tentativesOf(events).find(({ speaker }) => speaker === 'alice')!;
      expect(first.atSample / RATE - 16).toBeLessThan(2.25);
    }
  });

  test('one odd window flips nobody', () => {
    for (const odd of [B, C]) {
      const windows = windowsOf([say(A, 10)]).map((window, i) =>
        i === 8 ? { ...window, embedding: odd } : window,
      );
      const events = run(windows);
      expect(told(events)).toEqual(['alice 0.0-10.0']);
      expect(tentativesOf(events)).toHaveLength(1);
    }
  });

  test('an odd first window is put right', () => {
    const windows = windowsOf([say(A, 10)]).map((window, i) =>
      i === 0 ? { ...window, embedding: C } : window,
    );
    const last = tentativesOf(run(windows)).at(-1)!;
    expect(last.speaker).toBe('alice');
    expect(finalsOf(run(windows)).at(-1)).toMatchObject({ speaker: 'alice', endSample: 10 * RATE });
  });
});

describe('silence', () => {
  test('ends a turn, at its last speech; one begins a little before it is heard', () => {
    const events = run(windowsOf([silence(0.7), say(A, 3.13), silence(2), say(A, 3)]));
    expect(events.map(({ type }) => type)).toEqual([
      'tentative',
      'final',
      'silence',
      'tentative',
      'final',
      'end',
    ]);
    const [first] = finalsOf(events);
    expect([first!.startSample, first!.endSample]).toEqual([0.5 * RATE, Math.round(3.83 * RATE)]);
    expect(events[2]).toEqual({ type: 'silence', startSample: 3.83 * RATE, atSample: 5 * RATE });
  });

  test('shorter than the minimum does not', () => {
    const parts = [say(A, 3), silence(0.4), say(A, 3)];
    expect(told(run(windowsOf(parts)))).toEqual(['alice 0.0-6.4']);
    expect(told(run(windowsOf(parts), { minSilenceSeconds: 0.3 }))).toEqual([
      'alice 0.0-3.0',
      'alice 3.2-6.4',
    ]);
  });

  test('inside a turn is left out of where it was heard, however long the turn', () => {
    const talk = Array.from({ length: 40 }, () => [say(A, 3), silence(0.5)]).flat();
    const finals = finalsOf(run(windowsOf(talk), { latencySeconds: 10 }));
    expect(finals[0]!.endSample).toBeGreaterThan(59 * RATE);
    // A long turn is told in parts, which may end within a word.
    const heard = joinRegions(
      finals.flatMap(({ speech }) =>
        speech.map((s) => ({ startSeconds: s.startSample, endSeconds: s.endSample })),
      ),
    );
    expect(heard.map(({ startSeconds, endSeconds }) => [startSeconds / RATE, endSeconds / RATE])).toEqual(
      Array.from({ length: 40 }, (_, i) => [Math.max(0, 3.5 * i - 0.05), 3.5 * i + 3]),
    );
  });

  test('a click is not a turn; the minimum can be set', () => {
    const parts = [say(A, 3), silence(1), say(C, 0.1), silence(1)];
    expect(told(run(windowsOf(parts)))).toEqual(['alice 0.0-3.0']);
    expect(finalsOf(run(windowsOf(parts), { minTurnSeconds: 0 }))).toHaveLength(2);
  });

  test('all of it gives nothing but the end', () => {
    expect(run(windowsOf([silence(10)]))).toEqual([{ type: 'end', endSample: 10 * RATE }]);
    expect(run([])).toEqual([{ type: 'end', endSample: 0 }]);
  });

  test('the voice after it is not taken for the voice before', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const events = run(windowsOf([say(A, 4.1), silence(0.6), say(B, 4)], { seed }));
      expect(tentativesOf(events).map(({ speaker }) => speaker)).toEqual(['alice', 'bob']);
      expect(told(events)).toEqual(['alice 0.0-4.1', 'bob 4.5-8.7']);
    }
  });

  test("speech too short to embed is nobody's", () => {
    const windows = windowsOf([silence(3), say(A, 0.4), silence(3)]);
    expect(windows.every(({ embedding }) => embedding === null)).toBe(true);
    expect(told(run(windows))).toEqual(['unknown 2.8-3.4']);
  });
});

describe('lost audio', () => {
  test('closes the turn, which falls silent, is told, and anybody may speak after it', () => {
    const before = windowsOf([say(A, 4)]);
    const after = windowsOf([say(B, 4)], { startSample: 9 * RATE, seed: 2 });
    const events = run([...before, ...after]);
    expectSound(events, 13 * RATE);
    expect(events.map(({ type }) => type)).toEqual([
      'tentative',
      'final',
      'silence',
      'lag',
      'tentative',
      'final',
      'end',
    ]);
    expect(events[2]).toEqual({ type: 'silence', startSample: 4 * RATE, atSample: 4 * RATE });
    expect(events[3]).toEqual({ type: 'lag', startSample: 4 * RATE, lostSamples: 5 * RATE });
    expect(told(events)).toEqual(['alice 0.0-4.0', 'bob 9.0-13.0']);
  });

  test('who spoke before it is no likelier to speak after it than others', () => {
    const isDividedAlike = (seed: number): boolean => {
      const voices = randomNumbers(seed);
      const like = mixed(randomVoice(voices), A, 0.65);
      const parts = [say(like, 1), say(randomVoice(voices), 3)];
      const after = windowsOf(parts, { noise: 1, seed, startSample: 9 * RATE });
      const startsAfter = (voice: Float32Array): number[] =>
        finalsOf(run([...windowsOf([say(voice, 4)], { noise: 1, seed }), ...after]))
          .slice(1)
          .map(({ startSample }) => startSample);
      return startsAfter(A).join() === startsAfter(B).join();
    };
    // What was learnt of a voice before moves a change now and then.
    const alike = Array.from({ length: 12 }, (_, seed) => isDividedAlike(seed));
    expect(alike.filter((is) => is).length).toBeGreaterThanOrEqual(9);
  });

  test('a step that goes back in time is refused', () => {
    const windows = windowsOf([say(A, 4)]);
    const tracker = new Tracker({ speakers });
    tracker.push(windows[0]!);
    expect(() => tracker.push(windows[0]!)).toThrow(/before the end of the last/);
  });
});

describe('the threshold', () => {
  test('is the cosine at which a window speaks for nobody', () => {
    // A voice halfway to alice's: cosine about 0.6 with her profile.
    const near = A.map((x, i) => 0.6 * x + 0.8 * C[i]!);
    const windows = windowsOf([say(near, 6)], { noise: 0 });
    expect(told(run(windows, { threshold: 0.4 }))).toEqual(['alice 0.0-6.0']);
    expect(told(run(windows, { threshold: 0.8 }))).toEqual(['unknown 0.0-6.0']);
  });

  test('is given by the calibration, else by the model, else by a default', () => {
    const near = A.map((x, i) => 0.55 * x + 0.835 * C[i]!);
    const windows = windowsOf([say(near, 6)], { noise: 0 });
    const strict = { scale: 16, offset: -13 };
    expect(told(run(windows, { falseAcceptRate: 0.15, calibration: strict }))).toEqual(['unknown-1 0.0-6.0']);
    expect(told(run(windows, { falseAcceptRate: 0.15, model: { ...MODEL, calibration: strict } }))).toEqual([
      'unknown-1 0.0-6.0',
    ]);
    expect(
      told(run(windows, { falseAcceptRate: 0.15, model: { ...MODEL, calibration: undefined } })),
    ).toEqual(['alice 0.0-6.0']);
  });
});

describe('options', () => {
  test('that are unknown or out of range are named', () => {
    expect(() => new Tracker({ speakers, treshold: 0.5 } as TrackerOptions)).toThrow(
      /unknown option "treshold"/,
    );
    expect(() => new Tracker({ speakers, threshold: 2 })).toThrow(/option "threshold".*received 2/);
    expect(() => new Tracker({ speakers, unknownPrior: 1 })).toThrow(/unknownPrior/);
  });

  test('profiles of another model are refused, both models named', () => {
    const other = { ...alice, model: { name: 'other', fingerprint: '99887766' } };
    const mixed = (): Tracker => new Tracker({ speakers: [bob, other] });
    expect(mixed).toThrow(expect.objectContaining({ code: 'model-mismatch' }));
    expect(() => new Tracker({ speakers: [other], model: MODEL })).toThrow(/"alice".*"other".*"test"/);
  });

  test('two speakers of one name are refused', () => {
    expect(() => new Tracker({ speakers: [alice, { ...bob, name: 'Alice' }] })).toThrow(
      expect.objectContaining({ code: 'speaker-exists' }),
    );
  });
});

describe('at length', () => {
  test('the same windows give the same events, whatever came between the pushes', () => {
    const windows = windowsOf([say(A, 3), say(B, 2.2), silence(1), say(C, 4), say(A, 2)], { seed: 9 });
    expect(run(windows)).toEqual(run(windows));
  });

  test('50 speakers are told apart', () => {
    const voices = Array.from({ length: 50 }, () => randomVoice(random));
    const many = voices.map((voice, i) => profileFor(`s${i}`, voice));
    const order = [3, 41, 17, 3, 28, 49];
    const parts = order.flatMap((i) => [say(voices[i]!, 4), silence(0.4)]);
    const events = run(windowsOf(parts), { speakers: many });
    expect(finalsOf(events).map(({ speaker }) => speaker)).toEqual(order.map((i) => `s${i}`));
  });

  test('half an hour of one turn, and as much of changes, in bounded memory', () => {
    const tracker = new Tracker({ speakers, model: MODEL });
    const minute = windowsOf(Array.from({ length: 20 }, (_, i) => say(i % 2 === 0 ? A : B, 3)));
    const calm = windowsOf([say(A, 60)]);
    let events: IdentifyEvent[] = [];
    const heap: number[] = [];
    for (let i = 0; i < 60; i++) {
      const base = i < 30 ? calm : minute;
      const steps = base.map((window) => moved(window, i * 60 * RATE));
      events = steps.flatMap((window) => tracker.push(window));
      if (i % 15 === 14) heap.push(usedHeap());
    }
    // The last minute tells all its turns but the one that is open and the one that may be revised.
    expect(finalsOf(events).length).toBeGreaterThanOrEqual(18);
    expect(heap.at(-1)! - heap[0]!).toBeLessThan(1e6);
  });

  test('windows of turns that are settled are kept of the last turns at most', async () => {
    const tracker = new Tracker({ speakers, model: MODEL });
    const embeddings: WeakRef<Float32Array>[] = [];
    const turns = [A, B].map((voice) => windowsOf([say(voice, 3), silence(1)]));
    for (let turn = 0; turn < 120; turn++) {
      for (const window of turns[turn % 2]!) {
        const embedding = window.embedding?.slice() ?? null;
        if (embedding !== null) embeddings.push(new WeakRef(embedding));
        tracker.push({ ...moved(window, turn * 4 * RATE), embedding, overlap: 0 });
      }
    }
    // What was looked at in this turn of the event loop is kept until its end.
    await nextTurn();
    collect();
    const kept = embeddings.filter((embedding) => embedding.deref() !== undefined);
    expect(embeddings.length).toBeGreaterThan(500);
    expect(kept.length).toBeLessThan(embeddings.length / 2);
    expect(tracker.flush()).not.toEqual([]);
  });
});

/** Bytes that are reachable, after a full collection. */
function usedHeap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
