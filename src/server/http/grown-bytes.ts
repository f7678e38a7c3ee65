const FIRST_BYTES = 16 * 1024;

/**
 * Bytes put together from pieces, in one buffer that grows: kept as they came, pieces of a byte each would hold a
 * thousand times their size.
 */
export class GrownBytes {
  readonly #maxBytes: number;
  #buffer: Buffer;
  #length = 0;

  constructor(maxBytes: number, expectedBytes = 0) {
    this.#maxBytes = maxBytes;
    this.#buffer = Buffer.alloc(Math.min(maxBytes, Math.max(FIRST_BYTES, expectedBytes)));
  }

  /** @param piece together with those before at most `maxBytes` */
  push(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.min(this.#maxBytes, Math.max(length, 2 * this.#buffer.length)));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
