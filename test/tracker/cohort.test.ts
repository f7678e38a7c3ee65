import { expect, test } from 'vitest';
import { Cohort } from '../../src/tracker/cohort.js';
import { unit } from '../../src/tracker/vectors.js';
import { randomNumbers } from '../random.js';
import { randomVoice } from './synthetic.js';

const random = randomNumbers(31);
const common = randomVoice(random);
const voice = (): Float32Array => unit(randomVoice(random).map((x, i) => x + common[i]!));

test('voices rank among voices, and what lies apart from them below', () => {
  const cohort = new Cohort(Array.from({ length: 100 }, voice));
  const others = Array.from({ length: 200 }, voice);
  const ranks = others.map((other) => cohort.rank(cohort.stats(other))).sort((a, b) => a - b);
  expect(ranks[100]).toBeGreaterThan(0.3);
  expect(ranks[100]).toBeLessThan(0.7);
  expect(ranks[20]).toBeGreaterThan(0.02);
  const apart = Array.from({ length: 200 }, () => randomVoice(random));
  expect(apart.filter((other) => cohort.rank(cohort.stats(other)) > 0.05).length).toBeLessThan(20);
});

test('a voice of the cohort is not measured against itself', () => {
  // Each the only one of its kind: nobody else's cosine with it is above 0.
  const axes = Array.from({ length: 8 }, (_, i) =>
    Float32Array.from({ length: 8 }, (_, k) => (i === k ? 1 : 0)),
  );
  expect(new Cohort(axes).rank({ mean: 0, deviation: 2e-3, nearness: 2e-3 })).toBe(1);
});
