import { read } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { WhospeaksError } from '../../errors.js';

/** Where the bytes of a recording lie. */
export interface ByteSource {
  /** What errors call it. */
  readonly name: string;
  /** Undefined for a pipe or a device. */
  readonly sizeBytes: number | undefined;
  /** Up to `count` bytes, none at the end: those at `position`, or the next ones where it is null. */
  read(count: number, position: number | null): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Read at once where a few bytes are looked at: the rest of them is wanted next. */
const UNREAD_BYTES = 65_536;

/** A file, a named pipe or a device. @throws WhospeaksError `file-not-found` or `file-unreadable` */
export async function openFile(path: string): Promise<ByteSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw openError(path, error);
  }
  const stat = await handle.stat();
  if (stat.isDirectory()) {
    await handle.close();
    throw new WhospeaksError('file-unreadable', `${path} is a directory; name an audio file in it`);
  }
  return {
    name: path,
    sizeBytes: stat.isFile() ? stat.size : undefined,
    read: async (count, position) => {
      const block = Buffer.allocUnsafe(count);
      try {
        const { bytesRead } = await handle.read(block, 0, count, position);
        return block.subarray(0, bytesRead);
      } catch (error) {
        throw new WhospeaksError('file-unreadable', `${path} could not be read: ${reason(error)}`, {
          cause: error,
        });
      }
    },
    close: () => handle.close(),
  };
}

/** A file that is open already, and stays open. */
export function fileDescriptor(descriptor: number, sizeBytes: number, name: string): ByteSource {
  let next = 0;
  return {
    name,
    sizeBytes,
    read: async (count, position) => {
      const { bytesRead, buffer } = await promisify(read)(
        descriptor,
        Buffer.allocUnsafe(count),
        0,
        count,
        position ?? next,
      );
      if (position === null) next += bytesRead;
      return buffer.subarray(0, bytesRead);
    },
    close: () => Promise.resolve(),
  };
}

/** Bytes in memory. They are not copied: leave them as they are while they are read. */
export function bytesInMemory(bytes: Uint8Array, name: string): ByteSource {
  let next = 0;
  return {
    name,
    sizeBytes: bytes.length,
    read: (count, position) => {
      const start = position ?? next;
      const block = bytes.subarray(start, start + count);
      if (position === null) next += block.length;
      return Promise.resolve(block);
    },
    close: () => Promise.resolve(),
  };
}

/**
 * The first bytes of a source, and the source as if they had not been read.
 *
 * @returns `head`: `count` bytes or some more, fewer where there are no more
 */
export async function unread(
  source: ByteSource,
  count: number,
): Promise<{ readonly head: Buffer; readonly whole: ByteSource }> {
  let head = Buffer.alloc(0);
  while (head.length < count) {
    const bytes = await source.read(Math.max(count - head.length, UNREAD_BYTES), null);
    if (bytes.length === 0) break;
    head = Buffer.concat([head, bytes]);
  }
  let ahead = head;
  const whole: ByteSource = {
    ...source,
    read: (wanted, position) => {
      if (position !== null || ahead.length === 0) return source.read(wanted, position);
      const bytes = ahead.subarray(0, wanted);
      ahead = ahead.subarray(bytes.length);
      return Promise.resolve(bytes);
    },
  };
  return { head, whole };
}

/** The bytes of a stream as they come. Closed before its end, the stream is destroyed. */
export function bytesOf(readable: Readable, name: string): ByteSource {
  const pieces = (readable as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  let left: Uint8Array = new Uint8Array(0);
  return {
    name,
    sizeBytes: undefined,
    read: async (count) => {
      while (left.length === 0) {
        const piece = await nextPiece(pieces, name);
        if (piece === null) break;
        left = piece;
      }
      const bytes = left.subarray(0, count);
      left = left.subarray(bytes.length);
      return bytes;
    },
    close: async () => {
      readable.destroy();
      await pieces.return?.();
    },
  };
}

async function nextPiece(pieces: AsyncIterator<unknown>, name: string): Promise<Uint8Array | null> {
  let result: IteratorResult<unknown>;
  try {
    result = await pieces.next();
  } catch (error) {
    throw new WhospeaksError('file-unreadable', `${name} failed: ${reason(error)}`, { cause: error });
  }
  if (result.done === true) return null;
  if (result.value instanceof Uint8Array) return result.value;
  throw new WhospeaksError('audio-format', `${name} delivers text, not bytes; do not set an encoding on it`);
}

function openError(path: string, error: unknown): WhospeaksError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new WhospeaksError('file-not-found', `${path} does not exist; check the path`, { cause: error });
  }
  const why = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : reason(error);
  return new WhospeaksError('file-unreadable', `${path} could not be opened: ${why}`, { cause: error });
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
