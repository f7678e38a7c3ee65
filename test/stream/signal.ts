/** The signal behind every fixture, as a formula: what a decoder should give back at any sample. */
export const SIGNAL_SECONDS = 2;

/** A chirp from 300 to 1900 Hz and a tone at 1 kHz that comes and goes; |s| < 0.6. */
export function signalAt(seconds: number): number {
  const chirp = 0.3 * Math.sin(2 * Math.PI * (300 * seconds + 400 * seconds * seconds));
  const tone = 0.2 * Math.sin(2 * Math.PI * 1000 * seconds) * Math.sin(2 * Math.PI * 1.5 * seconds);
  return chirp + tone;
}

/** Channel c of `channels`: the mean over the channels is the signal itself. */
export function channelGain(c: number, channels: number): number {
  if (channels === 1) return 1;
  return 0.75 + (0.5 * c) / (channels - 1);
}

export function signal(rateHz: number, seconds = SIGNAL_SECONDS): Float32Array {
  return Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) => signalAt(i / rateHz));
}

/** Interleaved over `channels`. */
export function interleaved(rateHz: number, channels: number, seconds = SIGNAL_SECONDS): Float32Array {
  const mono = signal(rateHz, seconds);
  return Float32Array.from({ length: mono.length * channels }, (_, i) => {
    return mono[Math.floor(i / channels)]! * channelGain(i % channels, channels);
  });
}

/** Signal to error ratio in dB between what came out and what should have. */
export function ratioDb(
  actual: Float32Array,
  expected: Float32Array,
  from = 0,
  to = expected.length,
): number {
  let error = 0;
  let power = 0;
  for (let i = from; i < to; i++) {
    error += (actual[i]! - expected[i]!) ** 2;
    power += expected[i]! ** 2;
  }
  return 10 * Math.log10(power / Math.max(error, 1e-30));
}
