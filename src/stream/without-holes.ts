import { SAMPLE_RATE_HZ } from './geometry.js';
import type { AudioSource } from './types.js';

/** Silence for lost sound comes in pieces of at most this. */
const MAX_SILENCE_SAMPLES = 60 * SAMPLE_RATE_HZ;

/** The samples of a source in a row: what it lost counts as silence. */
export async function* withoutHoles(source: AudioSource): AsyncGenerator<Float32Array, void, undefined> {
  let end = 0;
  for await (const { startSample, samples } of source) {
    while (end < startSample) {
      const silence = new Float32Array(Math.min(MAX_SILENCE_SAMPLES, startSample - end));
      end += silence.length;
      yield silence;
    }
    end += samples.length;
    yield samples;
  }
}
