/** Inner product of two vectors of one length; the cosine where both are L2-normalised. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
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
