/** How loud a block of sound is; full scale is 1. */
export interface Level {
  readonly rms: number;
  readonly peak: number;
}

export function levelOf(samples: Float32Array): Level {
  let power = 0;
  let peak = 0;
  for (const sample of samples) {
    power += sample * sample;
    peak = Math.max(peak, Math.abs(sample));
  }
  return { rms: samples.length === 0 ? 0 : Math.sqrt(power / samples.length), peak };
}

/** A level for a meter: 0 at -60 dBFS and below, 1 at full scale, linear in decibels between. */
export function meter(rms: number): number {
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(Math.max(rms, 1e-9))) / 60));
}
