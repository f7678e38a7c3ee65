import { addScaled, unit } from './vectors.js';

const ROUNDS = 20;
/** Distances are not taken for less, so that a vector on the centre does not weigh without bound. */
const MIN_DISTANCE = 0.05;

/**
 * The direction in the middle of unit vectors: their geometric median (Weiszfeld's iteration), scaled to
 * length 1. Up to half of the vectors may be of something else (a cough, another voice) before it leaves
 * the rest, and no threshold says which those are.
 *
 * @param weights one a vector, above 0.
 */
export function robustMean(vectors: readonly Float32Array[], weights: readonly number[]): Float32Array {
  let centre = weightedMean(vectors, weights);
  for (let round = 0; round < ROUNDS; round++) {
    const pull = vectors.map((vector, i) => weights[i]! / Math.max(MIN_DISTANCE, distance(vector, centre)));
    centre = weightedMean(vectors, pull);
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
