import { setImmediate as othersTurn } from 'node:timers/promises';
import type { AudioChunk } from '../types.js';
import { openFile, unread, type ByteSource } from './byte-source.js';
import { decodeAudio } from './decoders.js';
import type { FileFacts } from './format.js';
import { decodeApart, warmDecoder } from './process/decode-apart.js';
import { isWav, WAV_HEAD_BYTES } from './wav/is-wav.js';

/**
 * A recording as audio. Wav is decoded here, piece by piece: its reader is our own and checks what it believes, its work
 * and memory are bounded by the bytes read, and a process would take longer to start than most files to decode.
 * Everything else is decoded in a process of its own, within limits.
 */
export async function* decodeRecording(
  open: () => Promise<ByteSource>,
  facts: FileFacts,
): AsyncGenerator<AudioChunk, void, undefined> {
  const source = await open();
  try {
    const { head, whole } = await unread(source, WAV_HEAD_BYTES);
    yield* isWav(head) ? decodeAudio(inTurns(whole), facts) : decodeApart(whole, facts);
  } finally {
    await source.close();
  }
}

/** Start the process that will decode this file, unless it is a wav. What is wrong with the file is told once it is read. */
export async function warmDecoderFor(path: string): Promise<void> {
  try {
    const source = await openFile(path);
    // Of a pipe the bytes would be gone.
    const head = source.sizeBytes === undefined ? null : await source.read(WAV_HEAD_BYTES, 0);
    await source.close();
    if (head !== null && !isWav(head)) warmDecoder();
  } catch {
    // See above.
  }
}

/** A recording that is in memory must not be read without a pause either. */
function inTurns(source: ByteSource): ByteSource {
  return {
    ...source,
    read: async (count, position) => {
      await othersTurn();
      return source.read(count, position);
    },
  };
}
