/** Mean square; 0 of nothing. */
export function meanPower(samples: Float32Array): number {
  let sum = 0;
  for (const x of samples) sum += x * x;
  return samples.length === 0 ? 0 : sum / samples.length;
}

/** Amplitude for a level difference. */
export function gainOf(db: number): number {
  return 10 ** (db / 20);
}
