import { expect, test } from 'vitest';
import { profileFromJson, profileToJson } from '../../src/index.js';
import { randomNumbers } from '../random.js';
import { profileFor, randomVoice } from '../tracker/synthetic.js';

const profile = profileFor('alice', randomVoice(randomNumbers(2)));

test('a profile goes through JSON and comes back bit for bit', () => {
  const text = JSON.stringify(profileToJson(profile));
  expect(profileFromJson(JSON.parse(text))).toEqual(profile);
});

test.each([
  [null, /profile: /],
  [{ ...profileToJson(profile), version: 2 }, /version: expected version 1/],
  [{ ...profileToJson(profile), centroid: '' }, /centroid: expected 64 numbers, received 0/],
  [{ ...profileToJson(profile), name: ' alice' }, /name: .* is not in stored form/],
])('JSON that is no profile is refused with a code', (json, reason) => {
  expect(() => profileFromJson(json)).toThrow(
    expect.objectContaining({
      code: 'store-corrupt',
      message: expect.stringMatching(reason) as string,
    }) as Error,
  );
});
