import { expect, test } from 'vitest';
import { Scorer } from '../../src/scoring/scorer.js';
import { anotherPersons } from '../../src/tracker/two-people.js';
import { addScaled, unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { mixed, MODEL, randomVoice } from './synthetic.js';

const random = randomNumbers(71);
const profile = randomVoice(random);
const lookalike = mixed(randomVoice(random), profile, 0.45);
// A cosine of 0.53 is the score of 2.2.
const scorer = new Scorer(MODEL.calibration, null);

/** A turn of a voice, heard in noise. */
function turn(voice: Float32Array, seconds = 3, noise = 0.5): { direction: Float32Array; seconds: number } {
  const heard = Float32Array.from(voice);
  addScaled(heard, randomVoice(random), noise);
  return { direction: unit(heard), seconds };
}
const some = (count: number, voice: Float32Array, seconds?: number, noise?: number) =>
  Array.from({ length: count }, () => turn(voice, seconds, noise));

test('the turns of a stranger among those of the speaker are found, wherever they are', () => {
  const [own, other] = [some(5, profile), some(3, lookalike)];
  expect(anotherPersons([...own, ...other], scorer, profile)).toEqual([5, 6, 7]);
  expect(anotherPersons([...other, ...own], scorer, profile)).toEqual([0, 1, 2]);
  const mingled = [own[0]!, other[0]!, own[1]!, other[1]!, other[2]!, own[2]!, own[3]!, own[4]!];
  expect(anotherPersons(mingled, scorer, profile)).toEqual([1, 3, 4]);
});

test('most turns may be the stranger’s', () => {
  expect(anotherPersons([...some(8, lookalike), ...some(3, profile)], scorer, profile)).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7,
  ]);
});

test('one person is one, in much noise and in another room than at enrolment', () => {
  const here = mixed(randomVoice(random), profile, 0.6);
  for (let i = 0; i < 50; i++) {
    expect(anotherPersons(some(8, profile, 3, 1), scorer, profile)).toEqual([]);
    expect(anotherPersons(some(8, here, 3, 0.8), scorer, profile)).toEqual([]);
  }
});

test('one person who sounds in two ways is one, as long as the two are alike enough', () => {
  const hoarse = mixed(randomVoice(random), profile, 0.65);
  const clear = some(4, profile, 3, 0.1);
  const both = [...clear, ...some(4, hoarse, 3, 0.1)];
  expect(anotherPersons(both, scorer, profile)).toEqual([]);
  expect(anotherPersons(both, scorer)).toEqual([]);
  // A little less alike, and they are two.
  const lower = mixed(randomVoice(random), profile, 0.45);
  const two = [...clear, ...some(4, lower, 3, 0.1)];
  expect(anotherPersons(two, scorer, profile)).toEqual([4, 5, 6, 7]);
  expect(anotherPersons(two, scorer)).toEqual([4, 5, 6, 7]);
});

test('with less than eight seconds on either side nobody is told apart', () => {
  const both = (own: number, other: number) => [
    ...some(4, profile, own / 4),
    ...some(4, lookalike, other / 4),
  ];
  expect(anotherPersons(both(8.1, 8.1), scorer, profile)).toEqual([4, 5, 6, 7]);
  expect(anotherPersons(both(12, 7.9), scorer, profile)).toEqual([]);
  expect(anotherPersons(both(7.9, 12), scorer, profile)).toEqual([]);
  expect(anotherPersons([], scorer, profile)).toEqual([]);
});

test('of two sides as near to the profile neither is another person’s', () => {
  // The speaker near the microphone, and far from it.
  const [near, far] = [0.6, 0.6].map((cosine) => mixed(randomVoice(random), profile, cosine));
  expect(anotherPersons([...some(3, near!), ...some(3, far!)], scorer, profile)).toEqual([]);
});

test('of an unknown voice those who said less are another person', () => {
  const one = randomVoice(random);
  const other = randomVoice(random);
  const [less, more] = [some(3, one, 3), some(4, other, 3)];
  expect(anotherPersons([...less, ...more], scorer)).toEqual([0, 1, 2]);
  expect(anotherPersons([...more, ...less], scorer)).toEqual([4, 5, 6]);
  expect(anotherPersons(some(8, one, 3, 0.8), scorer)).toEqual([]);
});
