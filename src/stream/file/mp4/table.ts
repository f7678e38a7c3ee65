import type { BoxBytes } from './boxes.js';

const ROWS_AT_A_TIME = 4096;

/** The entries of a table, read as they are asked for. */
export class Table {
  readonly count: number;
  readonly #bytes: BoxBytes;
  readonly #headBytes: number;
  readonly #rowBytes: number;
  #first = 0;
  #block: Buffer = Buffer.alloc(0);

  constructor(bytes: BoxBytes, headBytes: number, rowBytes: number, count: number) {
    this.#bytes = bytes;
    this.#headBytes = headBytes;
    this.#rowBytes = rowBytes;
    this.count = count;
  }

  /** Entry `i`, which must be there. Fast where the entries are taken in order. */
  async row(i: number): Promise<Buffer> {
    const size = this.#rowBytes;
    let at = (i - this.#first) * size;
    if (at < 0 || at + size > this.#block.length) {
      const count = Math.min(ROWS_AT_A_TIME, this.count - i);
      this.#block = await this.#bytes.read(this.#headBytes + i * size, count * size);
      this.#first = i;
      at = 0;
    }
    return this.#block.subarray(at, at + size);
  }
}
