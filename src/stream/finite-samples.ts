import { WhospeaksError } from '../errors.js';

/** Index of the first NaN or infinity of any channel, or -1. */
export function firstNonFinite(planes: readonly Float32Array[]): number {
  let first = -1;
  for (const samples of planes) {
    const end = first < 0 ? samples.length : first;
    for (let i = 0; i < end; i++) {
      // x - x is 0 for every finite x and NaN for the rest.
      if (samples[i]! - samples[i]! === 0) continue;
      first = i;
      break;
    }
  }
  return first;
}

export function notFinite(sample: number, rateHz: number): WhospeaksError {
  const seconds = (sample / rateHz).toFixed(3);
  return new WhospeaksError(
    'audio-not-finite',
    `the audio holds a NaN or infinite sample at sample ${sample} (${seconds} s); mend or convert the recording`,
  );
}
