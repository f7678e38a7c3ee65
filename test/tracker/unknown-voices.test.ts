import { describe, expect, test } from 'vitest';
import {
  Tracker,
  type IdentifyEvent,
  type TrackCommand,
  type TrackerOptions,
} from '../../src/tracker/index.js';
import { Scorer } from '../../src/scoring/scorer.js';
import { UnknownVoices } from '../../src/tracker/unknown-voices.js';
import { VoiceSet } from '../../src/tracker/voice-set.js';
import { randomNumbers } from '../random.js';
import { finalsOf, MODEL, mixed, moved, profileFor, randomVoice, windowsOf, type Part } from './synthetic.js';

const random = randomNumbers(505);
const [A, B, C, D] = [0, 1, 2, 3].map(() => randomVoice(random)) as [
  Float32Array,
  Float32Array,
  Float32Array,
  Float32Array,
];
const say = (voice: Float32Array | null, seconds: number): Part => ({ voice, seconds });
const alice = profileFor('alice', A);

function tracker(options: Partial<TrackerOptions> = {}): Tracker {
  return new Tracker({ speakers: [alice], model: MODEL, ...options });
}

/** Events of the script; `command` is given after so many seconds. */
function run(
  parts: readonly Part[],
  command?: { at: number; command: TrackCommand },
  options = {},
): IdentifyEvent[] {
  const ours = tracker(options);
  const events: IdentifyEvent[] = [];
  let waiting = command;
  for (const window of windowsOf(parts)) {
    if (waiting !== undefined && window.step.startSample >= waiting.at * 16_000) {
      events.push(...ours.command(waiting.command));
      waiting = undefined;
    }
    events.push(...ours.push(window));
  }
  return [...events, ...ours.flush()];
}

const labels = (events: readonly IdentifyEvent[]): string[] => finalsOf(events).map(({ speaker }) => speaker);

describe('unknown voices', () => {
  const talk = [C, A, D, C, D, A, C].flatMap((voice) => [say(voice, 4), say(null, 1)]);

  test('get labels of their own that stay', () => {
    expect(labels(run(talk))).toEqual([
      'unknown-1',
      'alice',
      'unknown-2',
      'unknown-1',
      'unknown-2',
      'alice',
      'unknown-1',
    ]);
  });

  test('get one only when enough was heard, and a short turn alone none', () => {
    expect(labels(run([say(D, 2)]))).toEqual(['unknown']);
    const events = run([say(D, 2), say(null, 1), say(D, 2)]);
    expect(labels(events)).toEqual(['unknown', 'unknown-1'].slice(0, labels(events).length));
    expect(events.filter(({ type }) => type === 'correction')).toMatchObject([
      { turn: 0, was: 'unknown', speaker: 'unknown-1', known: false },
    ]);
  });

  test('that have no label yet are bounded in number, too; the last are kept', () => {
    const people = new VoiceSet(null);
    const ours = new UnknownVoices(people, new Scorer(MODEL.calibration, null), 10);
    const found = Array.from({ length: 200 }, (_, turn) => {
      const voice = randomVoice(random);
      const pooled = { direction: voice, windows: [voice] };
      return ours.found({ turn, pooled, seconds: 2, sureShare: 1 }, turn)!.id;
    });
    const kept = [...people.unknown()];
    expect(new Set(kept.map(({ label }) => label))).toEqual(new Set(['unknown']));
    expect(kept.length).toBeLessThan(100);
    expect(kept.map(({ id }) => id)).toEqual(found.slice(-kept.length));
  });

  test('are bounded where short turns earn the labels', () => {
    const people = new VoiceSet(null);
    const ours = new UnknownVoices(people, new Scorer(MODEL.calibration, null), 2);
    for (let turn = 0; turn < 6; turn++) {
      const voice = randomVoice(random);
      const own = {
        turn,
        pooled: { direction: voice, windows: [voice] },
        seconds: 2,
        sureShare: 1,
      };
      const { id } = ours.found(own, 2 * turn)!;
      ours.learn(id, own, 2 * turn + 1);
    }
    const told = [...people.unknown()].map(({ label }) => label);
    expect(told).toEqual(['unknown-5', 'unknown-6']);
  });

  test('that prove to be one count what both have of sure speech', () => {
    const people = new VoiceSet(null);
    const ours = new UnknownVoices(people, new Scorer(MODEL.calibration, null), 10);
    const turn = (sureShare: number) => ({
      turn: 0,
      pooled: { direction: C, windows: [C] },
      seconds: 2,
      sureShare,
    });
    // Neither has the speech for a label, and of the first alone hardly any is surely speech.
    const first = ours.found(turn(0.05), 32_000)!;
    ours.found(turn(0.5), 64_000);
    expect([...people.unknown()].map(({ label }) => label)).toEqual(['unknown', 'unknown']);
    expect(ours.merge()).toMatchObject([{ into: first.id }]);
    expect([...people.unknown()].map(({ label }) => label)).toEqual(['unknown-1']);
  });

  test('that earn a label by proving to be one make room, too', () => {
    const people = new VoiceSet(null);
    const ours = new UnknownVoices(people, new Scorer(MODEL.calibration, null), 2);
    const found = (turn: number, voice: Float32Array, seconds: number): void => {
      const pooled = { direction: voice, windows: [voice] };
      ours.found({ turn, pooled, seconds, sureShare: 1 }, turn);
    };
    const labels = (): string[] => [...people.unknown()].map(({ label }) => label).sort();
    found(0, A, 4);
    found(1, D, 4);
    found(2, C, 2);
    found(3, C, 2);
    expect(labels()).toEqual(['unknown', 'unknown', 'unknown-1', 'unknown-2']);
    expect(ours.merge()).toHaveLength(1);
    expect(labels()).toEqual(['unknown-2', 'unknown-3']);
  });

  test.each(['a b a b a b', 'a a b b a b', 'b b a a b a'])(
    'two that passed for one are told apart (%s)',
    (script) => {
      const order = script.split(' ');
      const voices = { a: C, b: mixed(D, C, 0.5) };
      const turns = order.flatMap((who) => [say(voices[who as 'a' | 'b'], 4), say(null, 1)]);
      const events = run(turns, undefined, { speakers: [] });
      // What four turns say together is told of the past and of what follows.
      expect(labels(events).slice(0, 4)).toEqual(Array.from({ length: 4 }, () => 'unknown-1'));
      const now = labels(events);
      for (const event of events) if (event.type === 'correction') now[event.turn] = event.speaker;
      const label = (who: string): string => (who === order[0] ? 'unknown-1' : 'unknown-2');
      expect(now).toEqual(order.map(label));
      const named = run(
        turns,
        { at: 29, command: { type: 'name', label: 'unknown-2', speaker: 'dana' } },
        { speakers: [] },
      );
      const dana = named.find((event) => event.type === 'named')!;
      const other = order[0] === 'a' ? voices.b : voices.a;
      expect(dana.profile!.centroid.reduce((sum, x, i) => sum + x * other[i]!, 0)).toBeGreaterThan(0.9);
      expect(named.filter((event) => event.type === 'correction' && event.speaker === 'dana')).toHaveLength(
        2,
      );
    },
  );

  test('divided, each keeps what its own turns said', () => {
    const people = new VoiceSet(null);
    const ours = new UnknownVoices(people, new Scorer(MODEL.calibration, null), 10);
    const turn = (number: number, direction: Float32Array, seconds: number) => ({
      turn: number,
      pooled: { direction, windows: [direction] },
      seconds,
      sureShare: 0.5,
    });
    // More than a minute: what was said first has faded.
    const first = ours.found(turn(0, A, 20), 0)!;
    ours.learn(first.id, turn(1, C, 30), 1);
    ours.learn(first.id, turn(2, A, 25), 2);
    const [division, ...none] = ours.divide(first.id, 3);
    expect([division!.turns, none]).toEqual([[1], []]);
    const voices = [first.id, division!.into].map((id) => people.get(id)!);
    expect(voices.map(({ label, seconds }) => [label, seconds])).toEqual([
      ['unknown-1', 45],
      ['unknown-2', 30],
    ]);
    for (const [i, voice] of [A, C].entries()) {
      expect(voices[i]!.centroid.reduce((sum, x, k) => sum + x * voice[k]!, 0)).toBeCloseTo(1, 5);
      expect(ours.recorded(voices[i]!.id)!.windows).toEqual(i === 0 ? [A, A] : [C]);
    }
    expect(ours.divide(first.id, 4)).toEqual([]);
    expect(ours.divide(99, 4)).toEqual([]);
  });

  test('are bounded in number', () => {
    const many = Array.from({ length: 12 }, () => [say(randomVoice(random), 4), say(null, 1)]).flat();
    const ours = tracker({ maxUnknown: 3 });
    const events = windowsOf(many).flatMap((window) => ours.push(window));
    const last = Math.max(...labels(events).map((label) => Number(label.split('-')[1] ?? 0)));
    expect(last).toBeGreaterThan(5);
    const name = (label: string): string[] =>
      ours.command({ type: 'name', label, speaker: `once ${label}` }).map(({ type }) => type);
    // The first made room long ago; the last is there.
    expect(name('unknown-1')).toEqual(['warning']);
    expect(name(`unknown-${last}`)).toContain('named');
  });

  test('take a name, which enrols them and corrects their past', () => {
    const command = { type: 'name', label: 'unknown-1', speaker: 'dana' } as const;
    const events = run(talk, { at: 17, command });
    const named = events.filter((event) => event.type === 'named');
    expect(named).toMatchObject([{ label: 'unknown-1', speaker: 'dana', profile: { name: 'dana' } }]);
    expect(named[0]!.profile!.centroid.reduce((sum, x, i) => sum + x * C[i]!, 0)).toBeGreaterThan(0.9);
    expect(events.filter(({ type }) => type === 'correction')).toMatchObject([
      { turn: 0, was: 'unknown-1', speaker: 'dana', known: true },
    ]);
    const correction = events.find((event) => event.type === 'correction')!;
    expect(correction.revision).toBeGreaterThan(finalsOf(events)[0]!.revision);
    expect(labels(events).slice(3)).toEqual(['dana', 'unknown-2', 'alice', 'dana']);
  });

  test('in the middle of a first turn take a name too, and no other voice gets the label', () => {
    const command = { type: 'name', label: 'unknown-1', speaker: 'dana' } as const;
    const events = run([say(C, 20), say(null, 1), say(D, 4), say(null, 1), say(C, 3)], { at: 6, command });
    const at = events.findIndex(({ type }) => type === 'named');
    expect(events[at - 1]).toMatchObject({ type: 'tentative', turn: 0, speaker: 'unknown-1' });
    // Told at once, not with the next window.
    expect(events[at + 1]).toMatchObject({ type: 'tentative', turn: 0, speaker: 'dana', known: true });
    expect(labels(events)).toEqual(['dana', 'unknown-2', 'dana']);
    expect(events.filter(({ type }) => type === 'warning' || type === 'correction')).toEqual([]);
  });

  test('named while others are in progress too leave them their labels', () => {
    const command = { type: 'name', label: 'unknown-2', speaker: 'dana' } as const;
    const parts = [say(C, 3), say(D, 3.5), say(null, 2), say(A, 3), say(null, 1), say(B, 4)];
    const events = run(parts, { at: 6.4, command }, { latencySeconds: 10, speakers: [] });
    const told = events.flatMap((event) =>
      event.type === 'tentative' && event.turn === 0 ? [event.speaker] : [],
    );
    expect([...new Set(told)]).toEqual(['unknown', 'unknown-1']);
    expect(labels(events)).toEqual(['unknown-1', 'dana', 'unknown-3', 'unknown-4']);
  });

  test('whose turns are not settled yet have a label each, told again when they return', () => {
    const events = run([say(C, 3), say(D, 3), say(C, 4)], undefined, { latencySeconds: 10, speakers: [] });
    const first = events.findIndex(({ type }) => type === 'final');
    const told = new Map(
      events
        .slice(0, first)
        .map((event) => (event.type === 'tentative' ? [event.turn, event.speaker] : [-1, ''])),
    );
    expect([0, 1, 2].map((turn) => told.get(turn))).toEqual(['unknown-1', 'unknown-2', 'unknown-1']);
    expect(labels(events)).toEqual(['unknown-1', 'unknown-2', 'unknown-1']);
  });

  test('a name that cannot be given is refused, and nothing changes', () => {
    const refused = (label: string, speaker: string): void => {
      const ours = tracker();
      for (const window of windowsOf(talk.slice(0, 2))) ours.push(window);
      expect(ours.command({ type: 'name', label, speaker })).toMatchObject([
        { type: 'warning', code: 'command-refused', command: { type: 'name', label, speaker } },
      ]);
    };
    refused('unknown-7', 'dana');
    refused('unknown', 'dana');
    refused('alice', 'dana');
    refused('unknown-1', 'unknown-2');
    refused('unknown-1', '');
  });

  test.each([8, 12, 16])(
    'an enrolled name is none of theirs, whoever was told under it first (%i)',
    (seed) => {
      const random = randomNumbers(seed);
      const profile = randomVoice(random);
      const stranger = mixed(randomVoice(random), profile, 0.3 + 0.5 * random());
      const ours = tracker({ speakers: [profileFor('alice', profile)], latencySeconds: 5 });
      const command = { type: 'name', label: 'alice', speaker: 'dana' } as const;
      for (const window of windowsOf([say(profile, 0.5 + random()), say(stranger, 6)], { seed })) {
        ours.push(window);
        expect(ours.command(command)).toMatchObject([
          { code: 'command-refused', reason: 'speaker-not-found' },
        ]);
      }
    },
  );

  test('the enrolled can be replaced on the way', () => {
    const command = { type: 'speakers', speakers: [profileFor('carol', C)] } as const;
    const events = run([say(C, 4), say(null, 1), say(C, 4), say(null, 1), say(A, 4)], { at: 5, command });
    expect(labels(events)).toEqual(['unknown-1', 'carol', 'unknown-2']);
    const foreign = { ...alice, model: { name: 'other', fingerprint: 'ffffffff' } };
    expect(tracker().command({ type: 'speakers', speakers: [foreign] })).toMatchObject([
      { code: 'command-refused' },
    ]);
  });

  test('are told apart where they follow each other without a pause, also with nobody enrolled', () => {
    const events = run(
      [C, D, C, D].map((voice) => say(voice, 4)),
      undefined,
      { speakers: [] },
    );
    expect(labels(events)).toEqual(['unknown-1', 'unknown-2', 'unknown-1', 'unknown-2']);
  });

  test.each([1, 2, 3, 4])(
    'right after the speaker whom they sound like are not taken for them (%i)',
    (seed) => {
      const random = randomNumbers(seed);
      const profile = randomVoice(random);
      const here = mixed(randomVoice(random), profile, 0.7);
      const stranger = mixed(randomVoice(random), profile, 0.45);
      const script = [say(here, 5), say(stranger, 9), say(null, 2), say(here, 4)];
      const ours = tracker({ speakers: [profileFor('alice', profile)] });
      const windows = windowsOf(script, { noise: 1.5 });
      const events = [...windows.flatMap((window) => ours.push(window)), ...ours.flush()];
      expect(labels(events)).toEqual(['alice', 'unknown-1', 'alice']);
      // Where nobody pauses, a change is told 0.15 s later than it was found.
      expect(finalsOf(events)[0]!.endSample / 16_000 - 0.15).toBeCloseTo(5, 0);
    },
  );

  test('a window over a change of two of them mints no third', () => {
    const parts = Array.from({ length: 10 }, (_, i) => say(i % 2 === 0 ? D : C, 3.3));
    const told = new Set(
      labels(run(parts, undefined, { falseAcceptRate: 0.001 })).filter((label) => label !== 'unknown'),
    );
    expect([...told].sort()).toEqual(['unknown-1', 'unknown-2']);
  });
});

describe('finals', () => {
  test('come within the stated latency of the end of the turn, in order, with rising revisions', () => {
    for (const latencySeconds of [0.5, 1, 2.5, 5]) {
      const events = run(
        [A, D, A, D, A].map((voice) => say(voice, 4.2)),
        undefined,
        { latencySeconds },
      );
      let end = 0;
      for (const event of finalsOf(events).slice(0, -1)) {
        expect(event.startSample).toBeGreaterThanOrEqual(end);
        end = event.endSample;
        // A change is found up to a window after it, and told with the next step.
        expect((event.atSample - event.endSample) / 16_000).toBeLessThanOrEqual(
          Math.max(latencySeconds, 1.5) + 0.6,
        );
      }
      const revisions = new Map<number, number>();
      for (const event of events) {
        if (event.type !== 'tentative' && event.type !== 'final') continue;
        expect(event.revision).toBe((revisions.get(event.turn) ?? -1) + 1);
        revisions.set(event.turn, event.revision);
      }
    }
  });
});

describe('24 hours', () => {
  test('of noise mint nobody', () => {
    // A gate that is fooled now and then for a second, by sounds that have nothing in common.
    const ours = tracker({ speakers: [] });
    const noise = Array.from({ length: 4 }, () =>
      windowsOf([say(null, 358), say(randomVoice(random), 2)], { noise: 6 }),
    );
    let heard = 0;
    for (let at = 0, i = 0; at < 24 * 3600; i++) {
      for (const window of noise[i % noise.length]!) {
        // Each a sound of its own.
        const embedding = window.embedding && randomVoice(random);
        const events = ours.push({ ...moved(window, Math.round(at * 16_000)), embedding });
        for (const event of events) {
          if (event.type !== 'final') continue;
          heard++;
          expect(event.speaker).toBe('unknown');
        }
      }
      at += 360;
    }
    expect(heard).toBe(239);
  });
});
