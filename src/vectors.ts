import { WhospeaksError } from './errors.js';

/** Unit vectors are of length 1, but for rounding. */
const MAX_LENGTH_ERROR = 0.01;

/** Inner product of two vectors of one length; the cosine where both are L2-normalised. */
export function dot(a: Float32Array, b: Float32Array): number {
  const length = a.length;
  const whole = length - (length % 4);
  // Four sums: one alone would wait for each of its additions.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let i = 0; i < whole; i += 4) {
    sum0 += a[i]! * b[i]!;
    sum1 += a[i + 1]! * b[i + 1]!;
    sum2 += a[i + 2]! * b[i + 2]!;
    sum3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < length; i++) sum0 += a[i]! * b[i]!;
  return sum0 + sum1 + (sum2 + sum3);
}

export function norm(a: Float32Array): number {
  return Math.sqrt(dot(a, a));
}

/** A unit copy; the zero vector stays zero. */
export function unit(a: Float32Array): Float32Array {
  const length = norm(a);
  return length > 0 ? a.map((value) => value / length) : a.slice();
}

/** sum += weight * a, in place. */
export function addScaled(sum: Float32Array, a: Float32Array, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * a[i]!;
}

/** A copy of `vector`, times `factor`. */
export function scaled(vector: Float32Array, factor: number): Float32Array {
  const copy = new Float32Array(vector.length);
  for (let i = 0; i < copy.length; i++) copy[i] = vector[i]! * factor;
  return copy;
}

/** @throws {WhospeaksError} `invalid-option` where an embedding that `receiver` was given is no unit vector. */
export function assertUnit(receiver: string, embedding: Float32Array): void {
  const length = norm(embedding);
  if (Math.abs(length - 1) <= MAX_LENGTH_ERROR) return;
  throw new WhospeaksError(
    'invalid-option',
    `${receiver}: an embedding of length ${length}; expected unit vectors, null where there is none`,
  );
}
