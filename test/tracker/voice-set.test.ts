import { expect, test } from 'vitest';
import { VoiceSet } from '../../src/tracker/voice-set.js';
import { randomNumbers } from '../random.js';
import { profileFor, randomVoice } from './synthetic.js';

const random = randomNumbers(53);
const [alice, room] = [randomVoice(random), randomVoice(random)] as [Float32Array, Float32Array];

test('a speaker is kept as enrolled beside what was heard of them, for as long as they are enrolled', () => {
  const people = new VoiceSet(null);
  const dana = people.newId();
  people.setUnknown(dana, 'unknown-1', room, 8);
  expect(people.asEnrolled(dana)).toBeUndefined();
  people.name(dana, profileFor('dana', room));
  people.enrol([profileFor('alice', alice), profileFor('dana', room)]);
  const { id } = people.enrolled[0]!;
  for (const [who, profile] of [
    [id, alice],
    [dana, room],
  ] as const) {
    people.hear(who, 0, who === id ? room : alice, 30);
    expect(people.get(who)!.centroid).not.toEqual(profile);
    expect(people.asEnrolled(who)).toMatchObject({ id: who, centroid: profile, strangeness: 0 });
  }
  // Heard before, and the profile is the same.
  people.enrol([profileFor('alice', alice)]);
  expect(people.get(id)!.strangeness).toBeGreaterThan(0);
  expect(people.asEnrolled(id)!.centroid).toEqual(alice);
  expect(people.asEnrolled(dana)).toBeUndefined();
});

test('a voice that was named is kept as it was then', () => {
  const people = new VoiceSet(null);
  const id = people.newId();
  people.setUnknown(id, 'unknown-1', room, 8);
  people.name(id, profileFor('dana', room));
  people.hear(id, 0, alice, 30);
  expect(people.get(id)!.strangeness).toBeGreaterThan(0);
  expect(people.asEnrolled(id)).toMatchObject({ id, label: 'dana', centroid: room, strangeness: 0 });
});

test('of very many speakers, who sounded alike a moment ago still comes into question, and long ago no longer', () => {
  const voices = Array.from({ length: 100 }, () => randomVoice(random));
  const people = new VoiceSet(null);
  people.enrol(voices.map((voice, i) => profileFor(`speaker ${i}`, voice)));
  const [one, opposite] = [voices[0]!, voices[0]!.map((x) => -x)];
  const hear = (voice: Float32Array): boolean =>
    people.near(voice).some(({ label }) => label === 'speaker 0');
  expect(hear(opposite)).toBe(false);
  expect([hear(one), hear(opposite)]).toEqual([true, true]);
  for (let window = 0; window < 50; window++) hear(opposite);
  expect(hear(opposite)).toBe(false);
});
