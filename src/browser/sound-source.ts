import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import type { SoundBlock } from '../stream/condition.js';

export type { SoundBlock };

/**
 * Sound on its way to the worker, as the browser gives it: at any rate, planar, -1 to 1. The worker mixes and resamples it as
 * the sources of Node do, so that the page's thread has nothing to do but hand it over.
 */
export interface SoundSource {
  /** It cannot wait: what is not read in time is dropped by the source, which puts `atSeconds` on the block after. */
  readonly live: boolean;
  /** `mix` (default): one of all channels. `channels`: each is heard by itself, at most 8. */
  readonly audio?: 'mix' | 'channels' | undefined;
  /** Where the length is known before the end. */
  readonly durationSeconds?: number | undefined;
  /**
   * Called once, when the sound is first wanted. The next block is asked for when the one before has been heard. Leaving early calls
   * `return()`. Memory of the blocks may be taken: they are transferred to the worker, not copied.
   */
  open(): AsyncIterable<SoundBlock>;
}

/** Of an argument that is one. */
export const soundSchema = z.custom<SoundSource>(
  (value) => typeof (value as SoundSource | null)?.open === 'function',
  'expected a SoundSource, such as fromSamples gives',
);

const PIECE_SECONDS = 1;

/**
 * Samples that are in memory already; may be opened again.
 *
 * @param samples mono, -1 to 1; or a list, of as many samples of each channel
 * @param sampleRateHz their rate, Hz
 * @param options `audio`: as in `SoundSource`
 * @throws {WhospeaksError} `invalid-option` where there is no channel, or the channels are of different lengths
 */
export function fromSamples(
  samples: Float32Array | readonly Float32Array[],
  sampleRateHz: number,
  { audio = 'mix' }: { readonly audio?: 'mix' | 'channels' } = {},
): SoundSource {
  const planes = samples instanceof Float32Array ? [samples] : samples;
  const length = planes[0]?.length ?? -1;
  if (length < 0 || planes.some((plane) => plane.length !== length)) {
    throw new WhospeaksError(
      'invalid-option',
      `fromSamples: expected channels of one length, received ${planes.map((plane) => plane.length).join(', ') || 'none'}`,
    );
  }
  const piece = Math.max(1, Math.round(sampleRateHz * PIECE_SECONDS));
  return {
    live: false,
    audio,
    durationSeconds: length / sampleRateHz,
    // eslint-disable-next-line @typescript-eslint/require-await -- pulled like the sources that do wait
    async *open() {
      for (let at = 0; at < length; at += piece) {
        yield { rateHz: sampleRateHz, planes: planes.map((plane) => plane.slice(at, at + piece)) };
      }
    },
  };
}
