import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { fromFile, SAMPLE_RATE_HZ, type AudioChunk, type AudioSource } from '../../stream/index.js';

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
    for (const [i, bytes] of recordings.entries()) {
      const file = join(folder, `recording-${i + 1}`);
      await writeFile(file, bytes, { mode: 0o600 });
      sources.push(atMost(fromFile(file), maxSeconds));
    }
    return await use(sources);
  } catch (error) {
    if (!isWhospeaksError(error)) throw error;
    throw new WhospeaksError(error.code, error.message.replaceAll(`${folder}${sep}`, ''), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A recording that is far longer than it needs to be ends with an error: decoded, a small file may be days. */
function atMost(source: AudioSource, maxSeconds: number): AudioSource {
  async function* limited(): AsyncGenerator<AudioChunk, void, undefined> {
    for await (const chunk of source) {
      if (chunk.startSample + chunk.samples.length > maxSeconds * SAMPLE_RATE_HZ) {
        throw new WhospeaksError(
          'audio-unsupported',
          `the recording is longer than ${maxSeconds} s; 10 to 60 s of one voice are enough`,
        );
      }
      yield chunk;
    }
  }
  return { live: false, [Symbol.asyncIterator]: limited };
}
