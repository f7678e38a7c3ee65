import { WhospeaksError } from '../errors.js';
import { chunkOf } from './chunk.js';
import { ChannelResampler } from './channel-resampler.js';
import { SAMPLE_RATE_HZ, type AudioChunk } from './types.js';

/** Decoded audio on its way to 16 kHz: one channel or several, at the rate it came in. */
export interface SoundBlock {
  readonly rateHz: number;
  /** Of each channel, as many samples. */
  readonly planes: readonly Float32Array[];
  /** Where it begins, s from the start of the recording; absent where it follows the block before. */
  readonly atSeconds?: number;
}

/** Blocks further than this from the end of the one before are put where they belong, s: clocks and timestamps jitter. */
export const JITTER_SECONDS = 0.1;

/**
 * Bring decoded audio to the one form inside the SDK: finite, 16 kHz, positions counted from 0. A block that
 * begins beyond the end of the one before leaves a hole in the positions; what would be heard twice is left out.
 * Where the input fails, or a sample is not finite, everything before it is delivered first, the tail of
 * the resampler too, and then the error is thrown: nothing is lost and nothing is hidden.
 *
 * @throws WhospeaksError `audio-not-finite` at a NaN or an infinity, `audio-format` where the number of channels changes,
 *   whatever `blocks` throws, and what `whenEmpty` makes where there was no sample at all
 */
export async function* toAudio(
  blocks: AsyncIterable<SoundBlock>,
  whenEmpty?: () => WhospeaksError,
): AsyncGenerator<AudioChunk> {
  let resampler: ChannelResampler | null = null;
  let startSample = 0;
  /** End of what came in, s. */
  let clockSeconds = 0;
  let channels = 0;
  let failure: { error: unknown } | null = null;
  function* next(planes: readonly Float32Array[]): Generator<AudioChunk> {
    const length = planes[0]?.length ?? 0;
    if (length === 0) return;
    yield chunkOf(startSample, planes);
    startSample += length;
  }
  try {
    try {
      for await (const { rateHz, planes: all, atSeconds = clockSeconds } of blocks) {
        const late = atSeconds - clockSeconds;
        const isHole = late > JITTER_SECONDS || (channels === 0 && late > 0);
        const from = late < -JITTER_SECONDS ? Math.round(-late * rateHz) : 0;
        const planes = all.map((samples) => samples.subarray(from));
        const length = planes[0]?.length ?? 0;
        if (length === 0) continue;
        if (channels !== 0 && planes.length !== channels) throw otherChannels(channels, planes.length);
        channels = planes.length;
        if (isHole || resampler?.rateHz !== rateHz) {
          if (resampler) yield* next(resampler.flush());
          resampler?.free();
          resampler = null;
          if (isHole) {
            startSample = Math.max(startSample, Math.round(atSeconds * SAMPLE_RATE_HZ));
            clockSeconds = atSeconds;
          }
          resampler = await ChannelResampler.create(rateHz, channels);
        }
        const bad = firstNonFinite(planes);
        yield* next(resampler.push(bad < 0 ? planes : planes.map((samples) => samples.subarray(0, bad))));
        if (bad >= 0) throw notFinite(Math.round(clockSeconds * rateHz) + bad, rateHz);
        clockSeconds += length / rateHz;
      }
    } catch (error) {
      failure = { error };
    }
    if (resampler) yield* next(resampler.flush());
    if (failure) throw failure.error;
    if (channels === 0 && whenEmpty) throw whenEmpty();
  } finally {
    resampler?.free();
  }
}

function otherChannels(before: number, now: number): WhospeaksError {
  return new WhospeaksError(
    'audio-format',
    `the audio has ${before} channels at first and ${now} later: they cannot be kept apart; mix them, or convert the recording`,
  );
}

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
