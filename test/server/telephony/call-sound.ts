import { readFileSync } from 'node:fs';
import { telephone } from '../../../src/acoustics/telephone.js';
import { AUDIO } from '../../helpers.js';

/** Some seconds of the example meeting as a telephone brings it: 8 kHz, samples of -1 to 1. */
export function meetingOnThePhone(fromSeconds = 0, toSeconds = Infinity): Float32Array {
  const pcm = readFileSync(`${AUDIO}/meeting.wav`).subarray(44);
  const part = pcm.subarray(fromSeconds * 32_000, toSeconds * 32_000);
  return onThePhone(
    Float32Array.from({ length: part.length / 2 }, (_, i) => part.readInt16LE(2 * i) / 32_768),
  );
}

/** Sound of 16 kHz after a telephone, 8 kHz. Nothing is left above 4 kHz that could alias. */
export function onThePhone(samples: Float32Array): Float32Array {
  return telephone(samples).filter((_, i) => i % 2 === 0);
}
