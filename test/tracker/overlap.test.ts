import { expect, test } from 'vitest';
import { Tracker } from '../../src/tracker/index.js';
import { unit } from '../../src/tracker/vectors.js';
import { randomNumbers } from '../random.js';
import { finalsOf, MODEL, profileFor, randomVoice, windowsOf } from './synthetic.js';

const random = randomNumbers(3131);
const [A, B, C] = [0, 1, 2].map(() => randomVoice(random)) as [Float32Array, Float32Array, Float32Array];
const speakers = [profileFor('alice', A), profileFor('bob', B)];
/** What a network that pools over time makes of two voices at once. */
const both = (a: Float32Array, b: Float32Array): Float32Array => unit(a.map((x, i) => x + 0.8 * b[i]!));

function finals(voice: Float32Array) {
  const tracker = new Tracker({ speakers, model: MODEL });
  const windows = windowsOf([{ voice, seconds: 5 }], { noise: 1 });
  return finalsOf([...windows.flatMap((window) => tracker.push(window)), ...tracker.flush()]);
}

test('two enrolled voices at once are said to be two', () => {
  expect(finals(both(A, B))).toMatchObject([{ speaker: 'alice', overlap: true, others: ['bob'] }]);
  expect(finals(both(B, A))).toMatchObject([{ speaker: 'bob', overlap: true, others: ['alice'] }]);
  expect(finals(both(A, B))[0]!.probability).toBeLessThanOrEqual(0.5);
});

test('one voice is said to be one, also where nobody knows it', () => {
  for (const voice of [A, B, C]) expect(finals(voice)).toMatchObject([{ overlap: false, others: [] }]);
});

test('a second voice that nobody knows cannot be told', () => {
  expect(finals(both(A, C))).toMatchObject([{ speaker: 'alice', others: [] }]);
});
