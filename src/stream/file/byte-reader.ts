import type { ByteSource } from './byte-source.js';
import type { Channels } from '../down-mix.js';

/** Bytes asked of the source at a time. */
export const READ_BYTES = 65_536;

/**
 * A source read forward in blocks of 64 KiB, with a look ahead. Pipes work too. Memory is bounded by the longest
 * look ahead asked for.
 */
export class ByteReader {
  /** What errors call the recording. */
  readonly name: string;
  /** Bytes in it; undefined for a pipe or a device. */
  readonly sizeBytes: number | undefined;
  readonly #source: ByteSource;
  #ahead: Buffer = Buffer.alloc(0);
  #position = 0;
  #ended = false;

  /** @param channels which one is wanted, told how many there are */
  constructor(
    source: ByteSource,
    readonly channels: Channels = {},
  ) {
    this.name = source.name;
    this.sizeBytes = source.sizeBytes;
    this.#source = source;
  }

  /** Bytes consumed so far. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes without consuming them: `count`, fewer only at the end. */
  async peek(count: number): Promise<Buffer> {
    while (this.#ahead.length < count && !this.#ended) {
      const block = await this.#source.read(READ_BYTES, null);
      if (block.length === 0) this.#ended = true;
      else this.#ahead = Buffer.concat([this.#ahead, block]);
    }
    return this.#ahead.subarray(0, count);
  }

  /** The next bytes, consumed: `count`, fewer only at the end. */
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

  /** Bytes at a place in a source of known size, independent of the forward reading; fewer at its end. */
  async readAt(position: number, count: number): Promise<Buffer> {
    const block = Buffer.allocUnsafe(Math.max(0, Math.min(count, (this.sizeBytes ?? 0) - position)));
    let filled = 0;
    while (filled < block.length) {
      const bytes = await this.#source.read(block.length - filled, position + filled);
      if (bytes.length === 0) break;
      block.set(bytes, filled);
      filled += bytes.length;
    }
    return block.subarray(0, filled);
  }
}
