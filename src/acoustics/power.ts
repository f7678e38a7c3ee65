/** Mean square; 0 of nothing. */
export function meanPower(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!;
  return samples.length === 0 ? 0 : sum / samples.length;
}

/** Amplitude for a level difference. */
export function gainOf(db: number): number {
  return 10 ** (db / 20);
}
