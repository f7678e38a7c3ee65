import { describe, expect, test } from 'vitest';
import { TurnBook } from '../../src/transcript/turn-book.js';
import {
  Tracker,
  type IdentifyEvent,
  type NamedEvent,
  type TrackCommand,
  type TrackerOptions,
} from '../../src/tracker/index.js';
import { dot } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { mixed, MODEL, profileFor, randomVoice, windowsOf, type Part } from './synthetic.js';

const random = randomNumbers(505);
const [A, B, C, D] = [0, 1, 2, 3].map(() => randomVoice(random)) as [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];
const say = (voice: Float32Array | null, seconds: number): Part => ({ voice, seconds });
const turnsOf = (...voices: Float32Array[]): Part[] =>
  voices.flatMap((voice) => [say(voice, 4), say(null, 1)]);
const alice = profileFor('alice', A);

/** Events of the script; each command is given after so many seconds, or (`Infinity`) while the end is told. */
function run(
  parts: readonly Part[],
  commands: readonly { at: number; command: TrackCommand }[],
  options: Partial<TrackerOptions> = {},
): IdentifyEvent[] {
  const tracker = new Tracker({ speakers: [alice], model: MODEL, ...options });
  const events: IdentifyEvent[] = [];
  const waiting = [...commands];
  for (const window of windowsOf(parts)) {
    while (waiting[0] !== undefined && window.step.startSample >= waiting[0].at * 16_000)
      events.push(...tracker.command(waiting.shift()!.command));
    events.push(...tracker.push(window));
  }
  events.push(...tracker.flush());
  for (const { command } of waiting) events.push(...tracker.command(command));
  return events;
}

/** Who spoke in each turn, as whoever follows the events knows it at the end; no revision is older than the one before. */
function known(events: readonly IdentifyEvent[]): string[] {
  const book = new TurnBook();
  const revisions = new Map<number, number>();
  for (const event of events) {
    book.apply(event);
    if (!('revision' in event)) continue;
    expect(event.revision).toBeGreaterThan(revisions.get(event.turn) ?? -1);
    revisions.set(event.turn, event.revision);
  }
  return book.turns.map(({ speaker }) => speaker);
}

const namedIn = (events: readonly IdentifyEvent[]): NamedEvent =>
  events.find((event): event is NamedEvent => event.type === 'named')!;

describe('an unknown voice is an enrolled speaker', () => {
  /** In a room of her own, where she is not known again. */
  const far = mixed(C, A, 0.3);
  const talk = turnsOf(far, B, far, B, far);
  const command = { type: 'name', label: 'unknown-1', speaker: ' Alice' } as const;

  test('its turns so far are corrected, and it is hers from then on', () => {
    expect(known(run(talk, []))).toEqual(['unknown-1', 'unknown-2', 'unknown-1', 'unknown-2', 'unknown-1']);
    const events = run(talk, [{ at: 12, command }]);
    expect(known(events)).toEqual(['alice', 'unknown-2', 'alice', 'unknown-2', 'alice']);
    expect(events.filter((event) => event.type === 'correction' && event.turn === 0)).toMatchObject([
      { turn: 0, was: 'unknown-1', speaker: 'alice', known: true, probability: 1 },
    ]);
    expect(known(run(talk, [{ at: Infinity, command }]))).toEqual(known(events));
  });

  test('what was heard is kept apart, as an adaptation', () => {
    const { how, speaker, profile } = namedIn(run(talk, [{ at: 21, command }]));
    expect([how, speaker]).toEqual(['adapted', 'alice']);
    expect(profile).toMatchObject({ centroid: alice.centroid, speechSeconds: 10, recordings: 1 });
    const [adaptation, ...none] = profile!.adaptations!;
    expect(none).toEqual([]);
    expect(dot(adaptation!.vector, far)).toBeGreaterThan(0.9);
    expect(adaptation!.seconds).toBeGreaterThan(7);
  });

  test('or joins the profile where that is asked for', () => {
    const learning = { ...command, learn: true };
    const events = run(talk, [{ at: 21, command: learning }]);
    const { how, profile } = namedIn(events);
    expect(how).toBe('learnt');
    expect(profile!.adaptations).toBeUndefined();
    expect(profile!.recordings).toBe(2);
    expect(profile!.speechSeconds).toBeGreaterThan(17);
    expect(dot(profile!.centroid, far)).toBeGreaterThan(dot(A, far) + 0.2);
    expect(dot(profile!.centroid, A)).toBeGreaterThan(0.6);
    expect(Math.hypot(...profile!.centroid)).toBeCloseTo(1, 5);
    expect(profile!.exemplars.length).toBeLessThanOrEqual(16);
    expect(known(events).filter((speaker) => speaker === 'alice')).toHaveLength(3);
    // A person said so: it does not depend on what the new profile says of them.
    const atOnce = run(talk, [{ at: 7, command: learning }]);
    expect(atOnce.filter((event) => event.type === 'correction' && event.known)).toMatchObject([
      { turn: 0, speaker: 'alice', probability: 1 },
    ]);
  });

  test('what was told of it stays when nobody is enrolled any more', () => {
    const nobody = { type: 'speakers', speakers: [] } as const;
    const events = run(talk, [
      { at: 21, command: { ...command, speaker: 'dana' } },
      { at: 22, command: nobody },
    ]);
    expect([0, 2].map((turn) => known(events)[turn])).toEqual(['dana', 'dana']);
  });

  test('also in the middle of its first turn', () => {
    const events = run([say(far, 20), say(null, 1), say(B, 4)], [{ at: 6, command }]);
    expect(known(events)).toEqual(['alice', 'unknown-2']);
    const at = events.findIndex(({ type }) => type === 'named');
    expect(events[at + 1]).toMatchObject({ type: 'tentative', turn: 0, speaker: 'alice', known: true });
  });
});

describe('two unknown voices are one', () => {
  const talk = turnsOf(C, D, C, D);
  const command = { type: 'name', label: 'unknown-2', speaker: 'unknown-1' } as const;

  test('the label that was named stays, for what was said and what follows', () => {
    const events = run(talk, [{ at: 12, command }]);
    expect(namedIn(events)).toEqual({
      type: 'named',
      atSample: expect.any(Number) as number,
      label: 'unknown-2',
      speaker: 'unknown-1',
      how: 'merged',
    });
    expect(known(events).slice(0, 2)).toEqual(['unknown-1', 'unknown-1']);
    expect(events.filter(({ type }) => type === 'correction')[0]).toMatchObject({
      turn: 1,
      was: 'unknown-2',
      speaker: 'unknown-1',
      known: false,
    });
    // Named later, all of it is hers.
    const carol = { type: 'name', label: 'unknown-1', speaker: 'carol' } as const;
    const both = run(talk.slice(0, 4), [
      { at: Infinity, command },
      { at: Infinity, command: carol },
    ]);
    expect(known(both)).toEqual(['carol', 'carol']);
  });

  test('a label that nobody has, or its own, is refused', () => {
    for (const [label, speaker] of [
      ['unknown-1', 'unknown-9'],
      ['unknown-1', 'unknown-1'],
      ['unknown-9', 'unknown-1'],
    ] as const) {
      const events = run(talk, [{ at: 12, command: { type: 'name', label, speaker } }]);
      const command = { type: 'name', label, speaker };
      expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
        { code: 'command-refused', reason: 'speaker-not-found', command },
      ]);
      expect(events.some(({ type }) => type === 'named')).toBe(false);
    }
  });
});

describe('a turn is assigned', () => {
  const talk = turnsOf(A, C, A, C, D);
  const assign = (turn: number, speaker: string): TrackCommand => ({ type: 'assign', turn, speaker });

  test('to an enrolled speaker, to an unknown voice, to nobody: known before or not', () => {
    expect(known(run(talk, []))).toEqual(['alice', 'unknown-1', 'alice', 'unknown-1', 'unknown-2']);
    const events = run(talk, [
      { at: 16, command: assign(0, 'unknown-1') },
      { at: 16, command: assign(1, 'ALICE') },
      { at: Infinity, command: assign(2, 'unknown') },
    ]);
    const corrections = events.filter((event) => event.type === 'correction' && event.turn < 3);
    expect(corrections).toMatchObject([
      { turn: 0, was: 'alice', speaker: 'unknown-1', known: false, probability: 1 },
      { turn: 1, was: 'unknown-1', speaker: 'alice', known: true, probability: 1 },
      { turn: 2, was: 'alice', speaker: 'unknown', known: false, probability: 1 },
    ]);
    expect(known(events).slice(0, 3)).toEqual(['unknown-1', 'alice', 'unknown']);
  });

  test('stays so whatever is heard later, and follows the voice when that is named', () => {
    const carol = { type: 'name', label: 'unknown-1', speaker: 'carol' } as const;
    const events = run(talk, [
      { at: 11, command: assign(0, 'unknown-1') },
      { at: Infinity, command: carol },
    ]);
    expect(known(events)[0]).toBe('carol');
    const told = events.filter((event) => event.type === 'correction' && event.turn === 0);
    expect(told).toMatchObject([
      { was: 'alice', speaker: 'unknown-1' },
      { was: 'unknown-1', speaker: 'carol', known: true },
    ]);
  });

  test('while it is in progress: it is told at once, and settled so', () => {
    const events = run([say(C, 12), say(null, 1), say(A, 4)], [{ at: 6, command: assign(0, 'alice') }]);
    expect(known(events)).toEqual(['alice', 'alice']);
    expect(events.find((event) => event.type === 'final')).toMatchObject({
      turn: 0,
      speaker: 'alice',
      known: true,
      probability: 1,
    });
  });

  test('where it had the name already, that is told too', () => {
    const events = run(talk, [{ at: 8, command: assign(0, 'alice') }]);
    expect(events.filter(({ type }) => type === 'correction')).toMatchObject([
      { turn: 0, was: 'alice', speaker: 'alice', probability: 1 },
    ]);
  });

  test('teaches the rest of the stream: a turn that was not hers is not learnt from', () => {
    const learnt: string[] = [];
    const options = { adapt: ({ turn }: { turn: number }) => learnt.push(String(turn)) };
    const long = [say(A, 9), say(null, 1), say(A, 9), say(null, 1), say(C, 4)];
    run(long, [], options);
    expect(learnt).toEqual(['0', '1']);
    learnt.length = 0;
    run(long, [{ at: 12, command: assign(0, 'unknown') }], options);
    expect(learnt).toEqual(['1']);
  });

  test('one that was never told, or to nobody who is there, is refused and changes nothing', () => {
    for (const [turn, speaker, reason] of [
      [99, 'alice', 'turn-not-found'],
      [0, 'zoe', 'speaker-not-found'],
      [0, 'unknown-7', 'speaker-not-found'],
    ] as const) {
      const events = run(talk, [{ at: 12, command: assign(turn, speaker) }]);
      expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
        { code: 'command-refused', reason, command: { type: 'assign', turn, speaker } },
      ]);
      expect(known(events)[0]).toBe('alice');
    }
    const odd = run(talk, [{ at: 12, command: { type: 'assign', turn: -1, speaker: 'alice' } }]);
    expect(odd.filter(({ type }) => type === 'warning')).toMatchObject([{ reason: 'invalid-option' }]);
  });
});
