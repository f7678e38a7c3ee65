import { describe, expect, test } from 'vitest';
import { LIKELY, SPEECH } from '../../src/fbank/index.js';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { Tracker, type IdentifyEvent, type TrackerOptions } from '../../src/tracker/index.js';
import { settled } from '../../src/tracker/open-turn.js';
import { dot, unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { finalsOf, MODEL, profileFor, randomVoice, windowsOf, type Part } from './synthetic.js';

const random = randomNumbers(99);
const [A, C] = [randomVoice(random), randomVoice(random)];
/** Somebody who resembles A a little. */
const likeA = unit(A.map((x, i) => 0.32 * x + 0.947 * C[i]!));
const say = (voice: Float32Array | null, seconds: number): Part => ({ voice, seconds });

/** The same windows, of whose speech the gate is sure in this share of the frames. */
function doubted(windows: readonly EmbeddedWindow[], sureShare: number): EmbeddedWindow[] {
  const isSure = (i: number): boolean => Math.floor((i + 1) * sureShare) > Math.floor(i * sureShare);
  return windows.map((window) => {
    const speech = window.step.speech.map((flag, i) => (flag === 0 ? 0 : isSure(i) ? SPEECH : LIKELY));
    return { ...window, step: { ...window.step, speech } };
  });
}

function run(windows: readonly EmbeddedWindow[], options: Partial<TrackerOptions> = {}): IdentifyEvent[] {
  const tracker = new Tracker({
    speakers: [profileFor('alice', A)],
    model: MODEL,
    unknownPrior: 0.2,
    falseAcceptRate: 0.2,
    ...options,
  });
  return [...windows.flatMap((window) => tracker.push(window)), ...tracker.flush()];
}

/** Labels of the finished turns; of all events, where `every`. */
function labels(events: readonly IdentifyEvent[], every = false): string[] {
  const told = every ? events : finalsOf(events);
  return [...new Set(told.flatMap((event) => ('speaker' in event ? [event.speaker] : [])))];
}

describe('a turn that may be noise', () => {
  const strange = windowsOf([say(C, 4), say(null, 2), say(C, 5)]);

  test('founds no unknown voice, however long and often', () => {
    expect(labels(run(strange))).toEqual(['unknown-1']);
    expect(labels(run(doubted(strange, 0.26)))).toEqual(['unknown-1']);
    expect(labels(run(doubted(strange, 0.16)), true)).toEqual(['unknown']);
    expect(labels(run(doubted(strange, 0.1)), true)).toEqual(['unknown']);
    expect(labels(run(doubted(strange, 0)), true)).toEqual(['unknown']);
  });

  test('that founds one, but barely, gets the label when it is settled and not before', () => {
    const events = run(doubted(windowsOf([say(C, 5), say(null, 2)]), 0.2));
    const final = finalsOf(events)[0]!;
    expect(final.speaker).toBe('unknown-1');
    const before = events.filter((event) => event.type === 'tentative' && event.atSample < final.atSample);
    expect(labels(before, true)).toEqual(['unknown']);
    expect(before.length).toBeGreaterThan(0);
  });

  test('is given to a voice that is clear by itself, not to one that may be another', () => {
    for (const [voice, sure, doubtful] of [
      [A, 'alice', 'alice'],
      [likeA, 'alice', 'unknown'],
    ] as const) {
      const windows = windowsOf([say(voice, 1.6)]);
      expect(finalsOf(run(windows)).map(({ speaker }) => speaker)).toEqual([sure]);
      expect(finalsOf(run(doubted(windows, 0))).map(({ speaker }) => speaker)).toEqual([doubtful]);
    }
  });

  test('is not given to an unknown voice for want of others: nobody is enrolled, and it may be somebody new', () => {
    const likeC = unit(C.map((x, i) => 0.4 * x + 0.917 * A[i]!));
    for (const [share, expected] of [
      [1, 'unknown-1'],
      [0, 'unknown'],
    ] as const) {
      const windows = windowsOf([say(C, 4), say(null, 2), say(likeC, 1.6), say(null, 2)]);
      const heard = [...windows.slice(0, 10), ...doubted(windows.slice(10), share)];
      const turns = finalsOf(run(heard, { speakers: [] }));
      expect(turns.map(({ speaker }) => speaker)).toEqual(['unknown-1', expected]);
      expect(turns[1]!.probability).toBe(1);
    }
  });

  test('teaches nothing of the voice that it is given to', () => {
    const tracker = new Tracker({ speakers: [], model: MODEL });
    const windows = windowsOf([say(C, 4), say(null, 2), say(C, 4), say(null, 2)]);
    const events = [...windows.slice(0, 10), ...doubted(windows.slice(10), 0)].flatMap((window) =>
      tracker.push(window),
    );
    expect(finalsOf(events).map(({ speaker }) => speaker)).toEqual(['unknown-1', 'unknown-1']);
    const named = tracker
      .command({ type: 'name', label: 'unknown-1', speaker: 'carol' })
      .find((event) => event.type === 'named');
    expect(named!.profile!.speechSeconds).toBeLessThan(5);
  });
});

describe('what sounds like none of the voices that the model knows', () => {
  // The cohort's voices are of two kinds, unlike each other; what is noise is of neither.
  const kind = randomVoice(random);
  const voice = (side = random() < 0.5 ? 1 : -1): Float32Array =>
    unit(randomVoice(random).map((x, i) => x + 0.6 * side * kind[i]!));
  const model = { ...MODEL, cohort: Array.from({ length: 60 }, () => voice()) };
  const [somebody, alice] = [voice(), voice()];
  const apart = randomVoice(random);
  const along = dot(kind, apart);
  const noise = unit(apart.map((x, i) => x - along * kind[i]!));
  const speakers = [profileFor('alice', alice)];

  test('founds no unknown voice', () => {
    const talk = (who: Float32Array, every = false): string[] =>
      labels(run(windowsOf([say(who, 5)]), { speakers: [], model }), every);
    expect(talk(somebody)).toEqual(['unknown-1']);
    expect(talk(noise, true)).toEqual(['unknown']);
  });

  test('is not told where nothing of it is surely speech, and whoever speaks after it is', () => {
    for (const enrolled of [speakers, []]) {
      const alone = doubted(windowsOf([say(noise, 5), say(null, 2), say(noise, 3), say(null, 2)]), 0);
      expect(run(alone, { speakers: enrolled, model }).map(({ type }) => type)).toEqual(['end']);
    }
    const windows = windowsOf([say(noise, 5), say(null, 2), say(alice, 3), say(null, 2)]);
    const events = run([...doubted(windows.slice(0, 12), 0), ...windows.slice(12)], { speakers, model });
    expect(labels(events, true)).toEqual(['alice']);
    expect(events.filter(({ type }) => type === 'silence')).toHaveLength(1);
    const turns = new Set(events.flatMap((event) => ('turn' in event ? [event.turn] : [])));
    expect([...turns]).toEqual([1]);
  });

  test('is told to its end where it was told before', () => {
    const windows = windowsOf([say(noise, 20), say(null, 2)]);
    const events = run([...windows.slice(0, 2), ...doubted(windows.slice(2), 0)], { speakers, model });
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['tentative', 'final', 'silence', 'end']),
    );
    expect(finalsOf(events)).toMatchObject([{ turn: 0, speaker: 'unknown' }]);
    // Of that turn, little was sure in the end: as its own, it would not have been told.
    expect(finalsOf(events)[0]!.endSample).toBeGreaterThan(19.5 * 16_000);
  });
});

test('with a cohort, a turn is doubtful where neither the gate nor the voice is sure, or the gate not at all', () => {
  const voice = { id: 1, label: 'alice', known: true, centroid: A, seconds: 9, stats: null };
  const verdict = {
    voice,
    score: 0.5,
    standard: 2,
    probability: 0.99,
    voiceProbability: 0.9,
    knownLogOdds: 3,
    evidence: null,
    nearest: null,
  };
  const turn = {
    span: { label: 1, startSample: 0, endSample: 16_000 },
    pooled: null,
    overlaps: undefined,
    seconds: 1,
  };
  const told = (sureShare: number, voiceRank: number | null, voiceProbability = 0.9) =>
    settled({ ...turn, sureShare, voiceRank, verdict: { ...verdict, voiceProbability } }).verdict.voice
      ?.label;
  expect(told(0, 0.1)).toBeUndefined();
  expect(told(0.1, 0.1)).toBeUndefined();
  expect(told(0.1, null)).toBe('alice');
  expect(told(0.1, 0.3)).toBe('alice');
  // Of whom nothing is surely heard, whatever it sounds like.
  expect(told(0, 0.6)).toBeUndefined();
  expect(told(0.2, 0.1)).toBe('alice');
  // Apart from all voices: more must be sure.
  expect(told(0.2, 0.01)).toBeUndefined();
  expect(told(0.2, 0.02)).toBe('alice');
  expect(told(0.25, 0)).toBe('alice');
  expect(told(0, 0.1, 0.95)).toBe('alice');
});
