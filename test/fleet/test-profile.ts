import type { Profile } from '../../src/index.js';

/** A profile that differs with `seed`. */
export function testProfile(name: string, seed: number): Profile {
  const values = Float32Array.from({ length: 8 }, (_, i) => Math.sin(seed * (i + 1)));
  const length = Math.hypot(...values);
  const centroid = values.map((value) => value / length);
  return {
    name,
    model: { name: 'test', fingerprint: 'ab'.repeat(32) },
    dimension: 8,
    centroid,
    exemplars: [centroid],
    speechSeconds: 10,
    recordings: 1,
    consistency: 0.9,
  };
}
