import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WhospeaksError } from '../../errors.js';

/** A recording that waits to be heard. */
export interface Spooled {
  readonly handle: FileHandle;
  readonly bytes: number;
  /** What a recogniser wrote of it, where that came with it. */
  readonly transcript?: Spooled | undefined;
}

const READ_BYTES = 1024 * 1024;

/** What waited needs its place no more. */
export async function discard({ handle, transcript }: Spooled): Promise<void> {
  await Promise.all([handle.close(), transcript?.handle.close()]);
}

/**
 * Keep a recording on disk in a file without a name: it is gone with the last process that has it open, however that ends.
 * Rejects with what `pieces` throws, with `audio-empty`, and as the file system does.
 */
export async function spool(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Spooled> {
  const path = join(tmpdir(), `whospeaks-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    let bytes = 0;
    for await (const piece of pieces) {
      await writeAll(handle, piece, bytes);
      bytes += piece.length;
    }
    if (bytes === 0) throw new WhospeaksError('audio-empty', 'the body is empty; send a recording in it');
    return { handle, bytes };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** What was kept, from its beginning, in pieces. */
export async function* readSpooled({ handle, bytes }: Spooled): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes;) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function writeAll(handle: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < piece.length) {
    const { bytesWritten } = await handle.write(piece, done, piece.length - done, position + done);
    done += bytesWritten;
  }
}
