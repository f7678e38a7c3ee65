import { WhospeaksError } from '../errors.js';
import { StreamResampler } from './resampler.js';
import { SAMPLE_RATE_HZ, type AudioChunk } from './types.js';

/** Decoded audio on its way to 16 kHz: mono, at the rate it came in. */
export interface MonoBlock {
  readonly rateHz: number;
  readonly samples: Float32Array;
  /** Where it begins, s from the start of the recording; absent where it follows the block before. */
  readonly atSeconds?: number;
}

/** Blocks further than this from the end of the one before are put where they belong, s: clocks and timestamps jitter. */
export const JITTER_SECONDS = 0.1;

/**
 * Bring decoded audio to the one form inside the SDK: finite mono at 16 kHz, positions counted from 0. A block that
 * begins beyond the end of the one before leaves a hole in the positions; what would be heard twice is left out.
 * Where the input fails, or a sample is not finite, everything before it is delivered first, the tail of
 * the resampler too, and then the error is thrown: nothing is lost and nothing is hidden.
 *
 * @throws WhospeaksError `audio-not-finite` at a NaN or an infinity, whatever `blocks` throws, and
 *   what `whenEmpty` makes where there was no sample at all
 */
export async function* toAudio(
  blocks: AsyncIterable<MonoBlock>,
  whenEmpty?: () => WhospeaksError,
): AsyncGenerator<AudioChunk> {
  let resampler: StreamResampler | null = null;
  let startSample = 0;
  /** End of what came in, s. */
  let clockSeconds = 0;
  let isBegun = false;
  let failure: { error: unknown } | null = null;
  const next = (samples: Float32Array): AudioChunk => {
    const chunk = { startSample, samples };
    startSample += samples.length;
    return chunk;
  };
  try {
    try {
      for await (const { rateHz, samples: all, atSeconds = clockSeconds } of blocks) {
        const late = atSeconds - clockSeconds;
        const isHole = late > JITTER_SECONDS || (!isBegun && late > 0);
        const samples = late < -JITTER_SECONDS ? all.subarray(Math.round(-late * rateHz)) : all;
        if (samples.length === 0) continue;
        isBegun = true;
        if (isHole || resampler?.rateHz !== rateHz) {
          const tail = resampler?.flush();
          resampler?.free();
          resampler = null;
          if (tail && tail.length > 0) yield next(tail);
          if (isHole) {
            startSample = Math.max(startSample, Math.round(atSeconds * SAMPLE_RATE_HZ));
            clockSeconds = atSeconds;
          }
          resampler = await StreamResampler.create(rateHz);
        }
        const bad = firstNonFinite(samples);
        const ready = resampler.push(bad < 0 ? samples : samples.subarray(0, bad));
        if (ready.length > 0) yield next(ready);
        if (bad >= 0) throw notFinite(Math.round(clockSeconds * rateHz) + bad, rateHz);
        clockSeconds += samples.length / rateHz;
      }
    } catch (error) {
      failure = { error };
    }
    const tail = resampler?.flush();
    if (tail && tail.length > 0) yield next(tail);
    if (failure) throw failure.error;
    if (!isBegun && whenEmpty) throw whenEmpty();
  } finally {
    resampler?.free();
  }
}

/** Index of the first NaN or infinity, or -1. */
export function firstNonFinite(samples: Float32Array): number {
  for (let i = 0; i < samples.length; i++) {
    // x - x is 0 for every finite x and NaN for the rest.
    if (samples[i]! - samples[i]! !== 0) return i;
  }
  return -1;
}

export function notFinite(sample: number, rateHz: number): WhospeaksError {
  const seconds = (sample / rateHz).toFixed(3);
  return new WhospeaksError(
    'audio-not-finite',
    `the audio holds a NaN or infinite sample at sample ${sample} (${seconds} s); mend or convert the recording`,
  );
}
