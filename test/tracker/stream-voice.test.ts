import { describe, expect, it } from 'vitest';
import { Tracker, type IdentifyEvent } from '../../src/tracker/index.js';
import { StreamVoice } from '../../src/tracker/stream-voice.js';
import { dot, unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import {
  finalsOf,
  mixed,
  MODEL,
  moved,
  profileFor,
  randomVoice,
  RATE,
  turnsOf,
  windowsOf,
} from './synthetic.js';

const random = randomNumbers(77);
const [profile, room, stranger] = [0, 1, 2].map(() => randomVoice(random)) as [
  Float32Array,
  Float32Array,
  Float32Array,
];

describe('an enrolled voice in a stream', () => {
  it('is the profile until something was heard', () => {
    const voice = new StreamVoice(profile);
    expect(voice.share).toBe(0);
    expect(dot(voice.centroid, profile)).toBeCloseTo(1, 6);
  });

  it('moves towards what was heard, by half of the most after 4 s, and stays of length one', () => {
    const voice = new StreamVoice(profile).with(0, room, 4);
    expect(voice.share).toBeCloseTo(0.35, 6);
    const expected = profile.map((x, i) => 0.65 * x + 0.35 * room[i]!);
    expect(dot(voice.centroid, unit(expected))).toBeCloseTo(1, 6);
    expect(dot(voice.centroid, voice.centroid)).toBeCloseTo(1, 6);
  });

  it('keeps its share of the profile, however much is heard', () => {
    let voice = new StreamVoice(profile);
    for (let i = 0; i < 10_000; i++) voice = voice.with(i, stranger, 30);
    expect(voice.share).toBeLessThan(0.7);
    const alike = dot(profile, stranger);
    const length = Math.sqrt(0.3 ** 2 + 0.7 ** 2 + 2 * 0.3 * 0.7 * alike);
    expect(dot(voice.centroid, profile)).toBeGreaterThan((0.3 + 0.7 * alike) / length - 1e-6);
  });

  it('is strange by its share of what lies far from the profile', () => {
    const voice = new StreamVoice(profile);
    expect(voice.strangeness).toBe(0);
    expect(voice.with(0, profile, 4).strangeness).toBeCloseTo(0, 6);
    expect(voice.with(0, room, 4).strangeness).toBeCloseTo(0.35 * (1 - dot(profile, room)), 6);
  });

  it('keeps the last turns, also where an older one is learnt anew', () => {
    const first = (voice: StreamVoice): StreamVoice => voice.with(0, stranger, 20);
    let voice = first(new StreamVoice(profile));
    for (let i = 1; i < 8; i++) voice = first(voice.with(i, room, 20));
    expect(voice.without(0).centroid).toEqual(voice.centroid);
    expect(voice.without(7).centroid).not.toEqual(voice.centroid);
    expect(dot(voice.centroid, stranger)).toBeLessThan(dot(profile, stranger) + 0.1);
  });

  it('can learn a turn anew, and forget it', () => {
    const before = new StreamVoice(profile).with(0, room, 4);
    const after = before.with(1, stranger, 3);
    expect(after.without(1).centroid).toEqual(before.centroid);
    expect(after.with(1, room, 2).centroid).toEqual(before.with(1, room, 2).centroid);
    expect(after.without(7)).toBe(after);
  });

  it('follows the last minute', () => {
    let voice = new StreamVoice(profile);
    for (let i = 0; i < 60; i++) voice = voice.with(i, stranger, 10);
    for (let i = 60; i < 120; i++) voice = voice.with(i, room, 10);
    expect(dot(voice.centroid, room)).toBeGreaterThan(0.85);
    expect(dot(voice.centroid, stranger)).toBeLessThan(dot(profile, stranger) + 0.1);
  });
});

describe('a tracker', () => {
  const near = mixed(room, profile, 0.75);
  const far = mixed(room, profile, 0.3);
  const speakers = [profileFor('alice', profile), profileFor('bob', randomVoice(random))];
  const talk = (voices: readonly Float32Array[], tracker: Tracker): IdentifyEvent[] => [
    ...turnsOf(voices).flatMap((window) => tracker.push(window)),
    ...tracker.flush(),
  ];
  const names = (voices: readonly Float32Array[]): string[] =>
    finalsOf(talk(voices, new Tracker({ speakers, model: MODEL }))).map(({ speaker }) => speaker);

  it('knows a voice far from its profile by what it heard of it in the same room', () => {
    expect(names([far]).at(-1)).not.toBe('alice');
    expect(names([near, near, far])).toEqual(['alice', 'alice', 'alice']);
  });

  it('changes no profile', () => {
    const before = profile.slice();
    names([near, near, near]);
    expect(speakers[0]!.centroid).toEqual(before);
  });

  it('forgets it where the speaker is enrolled anew, and keeps it where the same profile is given again', () => {
    const heard = (again: typeof speakers): string[] => {
      const tracker = new Tracker({ speakers, model: MODEL });
      const first = windowsOf(
        [
          { voice: near, seconds: 8 },
          { voice: null, seconds: 4 },
        ],
        { noise: 1 },
      );
      first.forEach((window) => tracker.push(window));
      tracker.command({ type: 'speakers', speakers: again });
      const then = windowsOf([{ voice: far, seconds: 4 }], { noise: 1 }).map((w) => moved(w, 12 * RATE));
      const events = [...then.flatMap((window) => tracker.push(window)), ...tracker.flush()];
      return finalsOf(events).map(({ speaker }) => speaker);
    };
    expect(heard(speakers).at(-1)).toBe('alice');
    const anew = profileFor('alice', mixed(stranger, profile, 0.9));
    expect(heard([anew, speakers[1]!]).at(-1)).not.toBe('alice');
  });
});
