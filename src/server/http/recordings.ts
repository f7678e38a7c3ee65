import { setImmediate as othersTurn } from 'node:timers/promises';
import { WhospeaksError } from '../../errors.js';
import { fromBytes, SAMPLE_RATE_HZ, type AudioChunk, type AudioSource } from '../../stream/index.js';

const PIECE_SAMPLES = SAMPLE_RATE_HZ / 4;

/**
 * Recordings as sources. They stay in memory: a voice that was sent here is written nowhere, and so is left nowhere
 * however this process ends.
 *
 * @param maxSeconds of all of them together
 * @param closing aborted where nobody waits for them any more: reading then ends with `server-draining`
 */
export function recordingSources(
  recordings: readonly Uint8Array[],
  maxSeconds: number,
  closing?: AbortSignal,
): AudioSource[] {
  const budget = { samples: maxSeconds * SAMPLE_RATE_HZ };
  return recordings.map((bytes, i) =>
    within(budget, fromBytes(bytes, `recording-${i + 1}`), maxSeconds, closing),
  );
}

/**
 * Recordings that together are far longer than they need to be end with an error: decoded, a small file may be days.
 * They go on in small pieces, so that streams are served in between.
 * @param budget samples that may still be read, of all of them, and of the holes in them
 */
export function within(
  budget: { samples: number },
  source: AudioSource,
  maxSeconds: number,
  closing?: AbortSignal,
): AudioSource {
  async function* limited(): AsyncGenerator<AudioChunk, void, undefined> {
    let end = 0;
    for await (const { startSample, samples } of source) {
      budget.samples -= startSample + samples.length - end;
      end = startSample + samples.length;
      if (budget.samples < 0) {
        throw new WhospeaksError(
          'audio-limit',
          `there is more than ${maxSeconds} s of sound; 10 to 60 s of one voice are enough`,
        );
      }
      for (let at = 0; at < samples.length; at += PIECE_SAMPLES) {
        if (closing?.aborted === true) {
          throw new WhospeaksError(
            'server-draining',
            'the server shuts down; send the recording again in a moment',
          );
        }
        yield { startSample: startSample + at, samples: samples.subarray(at, at + PIECE_SAMPLES) };
        await othersTurn();
      }
    }
  }
  return { live: false, [Symbol.asyncIterator]: limited };
}
