import { open, type FileHandle } from 'node:fs/promises';
import { WhospeaksError } from '../../errors.js';

/** Bytes asked of the operating system at a time. */
export const READ_BYTES = 65_536;

/**
 * A file read forward in blocks of 64 KiB, with a look ahead. Pipes work too. Memory is bounded by the
 * longest look ahead asked for.
 */
export class ByteReader {
  readonly path: string;
  /** Bytes in the file; undefined for a pipe or a device. */
  readonly sizeBytes: number | undefined;
  readonly #handle: FileHandle;
  #ahead: Buffer = Buffer.alloc(0);
  #position = 0;
  #ended = false;

  private constructor(path: string, handle: FileHandle, sizeBytes: number | undefined) {
    this.path = path;
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
  }

  /** @throws WhospeaksError `file-not-found` or `file-unreadable` */
  static async open(path: string): Promise<ByteReader> {
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
    return new ByteReader(path, handle, stat.isFile() ? stat.size : undefined);
  }

  /** Bytes consumed so far. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes without consuming them: `count`, fewer only at the end of the file. */
  async peek(count: number): Promise<Buffer> {
    while (this.#ahead.length < count && !this.#ended) {
      const block = Buffer.allocUnsafe(READ_BYTES);
      const { bytesRead } = await this.#read(block, null);
      if (bytesRead === 0) this.#ended = true;
      else this.#ahead = Buffer.concat([this.#ahead, block.subarray(0, bytesRead)]);
    }
    return this.#ahead.subarray(0, count);
  }

  /** The next bytes, consumed: `count`, fewer only at the end of the file. */
  async read(count: number): Promise<Buffer> {
    const bytes = await this.peek(count);
    this.#ahead = this.#ahead.subarray(bytes.length);
    this.#position += bytes.length;
    return bytes;
  }

  /** Consume up to `count` bytes; returns how many there were. */
  async skip(count: number): Promise<number> {
    let left = count;
    while (left > 0) {
      const { length } = await this.read(Math.min(left, READ_BYTES));
      if (length === 0) break;
      left -= length;
    }
    return count - left;
  }

  /** Bytes at a place in a regular file, independent of the forward reading. */
  async readAt(position: number, count: number): Promise<Buffer> {
    const block = Buffer.allocUnsafe(count);
    let filled = 0;
    while (filled < count) {
      const { bytesRead } = await this.#read(block.subarray(filled), position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return block.subarray(0, filled);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #read(block: Buffer, position: number | null): Promise<{ bytesRead: number }> {
    try {
      return await this.#handle.read(block, 0, block.length, position);
    } catch (error) {
      throw new WhospeaksError('file-unreadable', `${this.path} could not be read: ${reason(error)}`, {
        cause: error,
      });
    }
  }
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
