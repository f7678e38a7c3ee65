/**
 * Several sources side by side: as many samples of each at a time. One that has ended gives none from there on. Little is held: of
 * each source what is ahead of the slowest, at most one of its pieces.
 */
export async function* inStep(
  sources: readonly AsyncIterable<Float32Array>[],
): AsyncGenerator<Float32Array[], void, undefined> {
  const readers = sources.map((source) => new Reader(source));
  try {
    for (;;) {
      // One that waits for its sound keeps the others waiting, and no memory grows.
      for (const reader of readers) await reader.fill();
      const size = Math.min(...readers.filter(({ held }) => held > 0).map(({ held }) => held));
      if (size === Infinity) return;
      yield readers.map((reader) => reader.take(size));
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

class Reader {
  readonly #pieces: AsyncIterator<Float32Array>;
  #piece: Float32Array = new Float32Array(0);
  #hasEnded = false;

  constructor(source: AsyncIterable<Float32Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  get held(): number {
    return this.#piece.length;
  }

  async fill(): Promise<void> {
    while (this.#piece.length === 0 && !this.#hasEnded) {
      const next = await this.#pieces.next();
      if (next.done === true) this.#hasEnded = true;
      else this.#piece = next.value;
    }
  }

  take(size: number): Float32Array {
    const taken = this.#piece.subarray(0, size);
    this.#piece = this.#piece.subarray(taken.length);
    return taken;
  }

  async close(): Promise<void> {
    if (!this.#hasEnded) await this.#pieces.return?.();
  }
}
