import { Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { track } from '../../src/tracker/operator.js';
import type { Profile } from '../../src/index.js';
import type { Voice } from '../../src/scoring/voice.js';
import { GrowingProfiles } from '../../src/speakers/growing-profiles.js';
import type { FinalEvent, IdentifyEvent, TrackCommand } from '../../src/tracker/index.js';
import { Tracker } from '../../src/tracker/tracker.js';
import { dot } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { MODEL, profileFor, randomVoice, RATE, windowsOf, type Part } from '../tracker/synthetic.js';

const random = randomNumbers(21);
const [dana, eve] = [randomVoice(random), randomVoice(random)];
const silence: Part = { voice: null, seconds: 1.5 };
const says = (voice: Float32Array, seconds: number): Part[] => [{ voice, seconds }, silence];

interface Heard {
  readonly named: Profile;
  readonly better: readonly Profile[];
}

/** What becomes of a voice that is named after `atSeconds`. */
function hear(
  parts: readonly Part[],
  atSeconds: number,
  later: (named: Profile) => TrackCommand[] = () => [],
): Heard {
  const better: Profile[] = [];
  const tracker = new Tracker({ speakers: [], model: MODEL, onProfile: (profile) => better.push(profile) });
  const events: IdentifyEvent[] = [];
  let named: Profile | undefined;
  for (const window of windowsOf(parts)) {
    events.push(...tracker.push(window));
    if (named !== undefined || window.step.endSample < atSeconds * RATE) continue;
    const told = tracker.command({ type: 'name', label: 'unknown-1', speaker: 'dana' });
    named = told.flatMap((event) => (event.type === 'named' ? [event.profile] : []))[0]!;
    for (const command of later(named)) tracker.command(command);
  }
  tracker.flush();
  return { named: named!, better };
}

describe('a voice that was named', () => {
  test('after 3.5 s goes on collecting until the stream ends, and its profile gets better', () => {
    const { named, better } = hear([...says(dana, 3.5), ...says(dana, 6), ...says(dana, 9)], 4.5);
    expect(named.speechSeconds).toBeCloseTo(3.5, 0);
    const last = better.at(-1)!;
    expect(last).toMatchObject({ name: 'dana', recordings: 1, model: { fingerprint: MODEL.fingerprint } });
    expect(last.speechSeconds).toBeGreaterThan(17);
    expect(dot(last.centroid, dana)).toBeGreaterThan(dot(named.centroid, dana));
    // Not at every turn: each time that twice as much was heard, and at the end.
    expect(better.map(({ speechSeconds }) => Math.round(speechSeconds))).toEqual([10, 19]);
  });

  test('in the middle of a turn has the whole of it', () => {
    const { named, better } = hear(says(dana, 8), 4);
    expect(named.speechSeconds).toBeLessThan(5);
    expect(better.map(({ speechSeconds }) => Math.round(speechSeconds))).toEqual([8]);
  });

  test('of a stream that is given up in the middle has what was heard until then', () => {
    const better: Profile[] = [];
    const windows = new Subject<EmbeddedWindow>();
    const commands = new Subject<TrackCommand>();
    const onProfile = (profile: Profile): void => void better.push(profile);
    const stream = windows.pipe(track({ speakers: [], model: MODEL, commands, onProfile })).subscribe();
    for (const window of windowsOf([...says(dana, 3.5), ...says(dana, 3)])) {
      if (Math.abs(window.step.endSample - 4.5 * RATE) < RATE / 10)
        commands.next({ type: 'name', label: 'unknown-1', speaker: 'dana' });
      windows.next(window);
    }
    expect(better).toEqual([]);
    stream.unsubscribe();
    expect(better.map(({ speechSeconds }) => Math.round(speechSeconds))).toEqual([7]);
  });

  test('learns nothing of what others say, and nothing where it is not heard again', () => {
    const { named, better } = hear([...says(dana, 4), ...says(eve, 8), ...says(eve, 9)], 5);
    expect(named.speechSeconds).toBeCloseTo(4, 0);
    expect(better).toEqual([]);
  });

  test('collects no more once it is removed or has another name, and goes on where the set of speakers has it', () => {
    const parts = [...says(dana, 3.5), ...says(dana, 6), ...says(dana, 9)];
    const speakers = (...list: Profile[]): TrackCommand[] => [{ type: 'speakers', speakers: list }];
    expect(hear(parts, 4.5, () => speakers()).better).toEqual([]);
    expect(hear(parts, 4.5, (named) => speakers({ ...named, name: 'doris' })).better).toEqual([]);
    const { better } = hear(parts, 4.5, (named) => speakers(named, profileFor('eve', eve)));
    expect(better.at(-1)!.speechSeconds).toBeGreaterThan(17);
  });

  test('keeps 60 s of speech at the most', () => {
    const { better } = hear(Array.from({ length: 14 }, () => says(dana, 8)).flat(), 9);
    expect(better.at(-1)!.speechSeconds).toBeLessThan(70);
    expect(better.at(-1)!.speechSeconds).toBeGreaterThan(55);
  });
});

test('what is learnt of another voice that is the same speaker counts too', () => {
  const better: Profile[] = [];
  const growing = new GrowingProfiles(MODEL, (profile) => better.push(profile));
  growing.begin(1, { ...profileFor('dana', dana), speechSeconds: 4 }, { windows: [dana], seconds: 4 });
  growing.learn(1, { windows: [dana], seconds: 5 });
  growing.end();
  expect(better).toEqual([]);
  const told = { turn: 1, known: true, overlap: false, probability: 0.99 } as unknown as FinalEvent;
  growing.add(told, 1, { windows: [dana], seconds: 2 });
  growing.end();
  expect(better.map(({ speechSeconds }) => speechSeconds)).toEqual([11]);
});

test('a turn that proves to be somebody else’s is taken out of the profile again', () => {
  const better: Profile[] = [];
  const growing = new GrowingProfiles(MODEL, (profile) => better.push(profile));
  const voice = { id: 1 } as Voice;
  const told = (turn: number): FinalEvent =>
    ({ turn, known: true, overlap: false, probability: 0.99 }) as unknown as FinalEvent;
  growing.begin(1, { ...profileFor('dana', dana), speechSeconds: 4 }, { windows: [dana], seconds: 4 });
  growing.add(told(1), voice.id, { windows: [eve], seconds: 5 });
  growing.add(told(2), voice.id, { windows: [dana], seconds: 3 });
  expect(better.map(({ speechSeconds }) => speechSeconds)).toEqual([9]);
  growing.withdraw(1);
  growing.end();
  expect(better.map(({ speechSeconds }) => speechSeconds)).toEqual([9, 7]);
  expect(dot(better[1]!.centroid, dana)).toBeCloseTo(1, 5);
});
