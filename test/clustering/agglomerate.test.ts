import { describe, expect, it } from 'vitest';
import { randomSource } from '../../measure/random-model.js';
import { Breather } from '../../src/clustering/breather.js';
import { Dendrogram } from '../../src/clustering/agglomerate.js';
import { dot } from '../../src/vectors.js';
import { heardOf, people } from './voices.js';

/** Average linkage done plainly: of all pairs the nearest, again and again. */
function plainly(vectors: readonly Float32Array[], distance: number): number[][] {
  const clusters = vectors.map((_, i) => [i]);
  const mean = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, i) => sum + b.reduce((all, j) => all + 1 - dot(vectors[i]!, vectors[j]!), 0), 0) /
    (a.length * b.length);
  for (;;) {
    let best = { a: -1, b: -1, far: distance };
    clusters.forEach((one, a) => {
      clusters.forEach((other, b) => {
        if (b < a && mean(one, other) <= best.far) best = { a, b, far: mean(one, other) };
      });
    });
    if (best.a < 0) return clusters;
    clusters[best.b]!.push(...clusters[best.a]!);
    clusters.splice(best.a, 1);
  }
}

const groups = (labels: Int32Array): string[] =>
  [...new Set(labels)].map((label) => [...labels.keys()].filter((i) => labels[i] === label).join()).sort();

describe('Dendrogram', () => {
  const random = randomSource(4);
  const vectors = people(6).flatMap((voice) => Array.from({ length: 9 }, () => heardOf(voice, random, 1.6)));

  it.each([0.3, 0.5, 0.7, 0.9])(
    'cuts at %d where joining the nearest pair, again and again, stops',
    async (distance) => {
      const expected = plainly(vectors, distance).map((cluster) => cluster.sort((a, b) => a - b).join());
      expect(groups((await Dendrogram.of(vectors, new Breather())).atDistance(distance))).toEqual(
        expected.sort(),
      );
    },
  );

  it('gives as many clusters as are asked for, or as there are vectors', async () => {
    const dendrogram = await Dendrogram.of(vectors, new Breather());
    for (const count of [1, 2, 6, 54]) expect(new Set(dendrogram.ofCount(count)).size).toBe(count);
    expect(new Set(dendrogram.ofCount(99)).size).toBe(54);
  });
});
