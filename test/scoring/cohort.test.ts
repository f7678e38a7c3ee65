import { expect, test } from 'vitest';
import { Cohort } from '../../src/scoring/cohort.js';
import { unit } from '../../src/vectors.js';
import { randomNumbers } from '../random.js';
import { randomVoice } from '../tracker/synthetic.js';

const random = randomNumbers(31);
// Voices are of two kinds, unlike each other.
const kind = randomVoice(random);
const voice = (): Float32Array => {
  const side = random() < 0.5 ? 1 : -1;
  return unit(randomVoice(random).map((x, i) => x + side * kind[i]!));
};

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
  expect(new Cohort(axes).rank({ mean: 0, deviation: 2e-3, contrast: 2e-3 })).toBe(1);
});

test('scores are measured against those who sound most like a voice, and its contrast is of all', () => {
  // Cosines with the first axis: 0.9, 0.7, and 0 six times.
  const at = (cosine: number, axis: number): Float32Array =>
    Float32Array.from({ length: 16 }, (_, k) =>
      k === 0 ? cosine : k === axis ? Math.sqrt(1 - cosine ** 2) : 0,
    );
  const cohort = new Cohort([0.9, 0, 0, 0.7, 0, 0, 0, 0].map((cosine, i) => at(cosine, i + 1)));
  const { mean, deviation, contrast } = cohort.stats(at(1, 1));
  expect(mean).toBeCloseTo(0.8, 5);
  expect(deviation).toBeCloseTo(0.1, 5);
  // Of all eight, whose mean is 0.2.
  expect(contrast).toBeCloseTo(Math.sqrt(1.3 / 8 - 0.04), 5);
});
