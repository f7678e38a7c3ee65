import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { fromFile, SAMPLE_RATE_HZ, type AudioChunk, type AudioSource } from '../../stream/index.js';

const PIECE_SAMPLES = SAMPLE_RATE_HZ / 4;

/**
 * Run `use` with the recordings as sources. They lie in a folder of their own meanwhile, which only this user can
 * read, and are gone afterwards. Errors do not tell where it was.
 */
export async function withRecordings<Result>(
  recordings: readonly Uint8Array[],
  maxSeconds: number,
  use: (sources: AudioSource[]) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'whospeaks-'));
  try {
    const sources: AudioSource[] = [];
    const budget = { samples: maxSeconds * SAMPLE_RATE_HZ };
    for (const [i, bytes] of recordings.entries()) {
      const file = join(folder, `recording-${i + 1}`);
      await writeFile(file, bytes, { mode: 0o600 });
      sources.push(within(budget, fromFile(file), maxSeconds));
    }
    return await use(sources);
  } catch (error) {
    if (!isWhospeaksError(error)) throw error;
    throw new WhospeaksError(error.code, error.message.replaceAll(`${folder}${sep}`, ''), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Recordings that together are far longer than they need to be end with an error: decoded, a small file may be days.
 * What a decoder hands over at once may be minutes; it goes on in pieces, so that streams are served in between.
 * @param budget samples that may still be read, of all of them
 */
export function within(budget: { samples: number }, source: AudioSource, maxSeconds: number): AudioSource {
  async function* limited(): AsyncGenerator<AudioChunk, void, undefined> {
    for await (const { startSample, samples } of source) {
      budget.samples -= samples.length;
      if (budget.samples < 0) {
        throw new WhospeaksError(
          'audio-unsupported',
          `there is more than ${maxSeconds} s of sound; 10 to 60 s of one voice are enough`,
        );
      }
      for (let at = 0; at < samples.length; at += PIECE_SAMPLES) {
        yield { startSample: startSample + at, samples: samples.subarray(at, at + PIECE_SAMPLES) };
        await othersTurn();
      }
    }
  }
  return { live: false, [Symbol.asyncIterator]: limited };
}
