import { z } from 'zod';
import { PCM_ENCODINGS } from './pcm.js';
import { MAX_RATE_HZ, MIN_RATE_HZ } from './resampler.js';

/** Whether channels are mixed to one (`mix`), or each is heard by itself (`channels`). */
export const audioSchema = z.enum(['mix', 'channels']);

/** Raw PCM from an untrusted sender. */
export const pcmFormatSchema = z.strictObject({
  /** Interleaved samples, little-endian. */
  encoding: z.enum(PCM_ENCODINGS),
  sampleRateHz: z.int().min(MIN_RATE_HZ).max(MAX_RATE_HZ),
  channels: z.int().min(1).max(64).default(1),
  /** `channels`: each is kept, for `identify` to hear by itself; at most 8. Default `mix`. */
  audio: audioSchema.default('mix'),
});

/** As the user writes it; `channels` is 1 where it is left out. */
export type PcmFormat = z.input<typeof pcmFormatSchema>;

/** Seconds that a live source buffers where the user does not say. */
export const DEFAULT_BUFFER_SECONDS = 10;
export const bufferSecondsSchema = z.number().min(0.1).max(600).default(DEFAULT_BUFFER_SECONDS);
