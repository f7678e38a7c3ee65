import { WhospeaksError } from '../../errors.js';

/** A stream of bytes, read forward with a look ahead. */
export class ByteStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #name: string;
  #ahead: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>, name: string) {
    this.#reader = stream.getReader();
    this.#name = name;
  }

  /** The next bytes, without consuming them: `count`, fewer only at the end. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#ahead.length < count) {
      const piece = await this.#next();
      if (piece === undefined) break;
      this.#ahead = joined([this.#ahead, piece]);
    }
    return this.#ahead.subarray(0, count);
  }

  /** The next bytes: `count`, fewer only at the end. @throws WhospeaksError `file-unreadable` */
  async read(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.#ahead = this.#ahead.subarray(bytes.length);
    return bytes;
  }

  /** All that is left. @throws WhospeaksError `audio-limit` where that is more than `most` */
  async rest(most: number): Promise<Uint8Array<ArrayBuffer>> {
    const pieces = [this.#ahead];
    let total = this.#ahead.length;
    for (;;) {
      if (total > most) {
        throw new WhospeaksError(
          'audio-limit',
          `${this.#name} is larger than ${Math.floor(most / 2 ** 20)} MiB, the most that a browser decodes at once; convert it to wav`,
        );
      }
      const piece = await this.#next();
      if (piece === undefined) return joined(pieces);
      pieces.push(piece);
      total += piece.length;
    }
  }

  /** Nobody reads on. */
  async close(): Promise<void> {
    // What has failed already has said so.
    await this.#reader.cancel().catch(() => undefined);
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      return (await this.#reader.read()).value;
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new WhospeaksError('file-unreadable', `${this.#name} could not be read: ${why}`, { cause });
    }
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
