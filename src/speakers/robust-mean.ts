import { addScaled, unit } from '../vectors.js';

const ROUNDS = 20;
/** Vectors within this many median distances of the centre count in full. */
const FULL_WEIGHT_MEDIANS = 1.3;

/**
 * The direction in the middle of unit vectors, scaled to length 1: the mean, in which a vector far from
 * the rest (a cough, another voice) counts with the inverse square of its distance from the centre. What
 * is far follows from the vectors' own median distance. By iterated reweighting, from the mean.
 *
 * @param weights one a vector, above 0.
 */
export function robustMean(vectors: readonly Float32Array[], weights: readonly number[]): Float32Array {
  let centre = weightedMean(vectors, weights);
  for (let round = 0; round < ROUNDS; round++) {
    const distances = vectors.map((vector) => distance(vector, centre));
    const near = FULL_WEIGHT_MEDIANS * median(distances);
    const counted = distances.map((far, i) => weights[i]! * (far > near ? (near / far) ** 2 : 1));
    centre = weightedMean(vectors, counted);
  }
  return unit(centre);
}

function weightedMean(vectors: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float32Array(vectors[0]!.length);
  for (const [i, vector] of vectors.entries()) addScaled(mean, vector, weights[i]! / total);
  return mean;
}

function distance(a: Float32Array, b: Float32Array): number {
  let square = 0;
  for (let i = 0; i < a.length; i++) square += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(square);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
