import { WhospeaksError } from '../errors.js';

/** Cosine of the angle between two embeddings, -1 to 1. Throws `model-mismatch` where their sizes differ. */
export function cosineSimilarity(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) {
    throw new WhospeaksError(
      'model-mismatch',
      `embeddings of ${a.length} and ${b.length} numbers cannot be compared; make both with the same model`,
    );
  }
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    squaresA += a[i]! * a[i]!;
    squaresB += b[i]! * b[i]!;
  }
  const norms = Math.sqrt(squaresA * squaresB);
  return norms > 0 ? Math.max(-1, Math.min(1, dot / norms)) : 0;
}

/** Scale to length 1, in place. Throws `engine-failed` where that cannot be done: NaN, infinity or all zero. */
export function normalize(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares);
  if (!(norm > 0 && norm < Infinity)) {
    throw new WhospeaksError(
      'engine-failed',
      'the network gave no usable embedding; its features or its weights are not finite',
    );
  }
  for (let i = 0; i < vector.length; i++) vector[i]! /= norm;
  return vector;
}
