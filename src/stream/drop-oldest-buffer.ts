import type { AudioChunk } from './types.js';

/**
 * Between a live source, which cannot wait, and its reader, which may be slow: holds at most
 * `maxSamples`; beyond that the oldest audio is dropped and counted, and shows as a gap in
 * `startSample`. One reader.
 */
export class DropOldestBuffer implements AsyncIterator<AudioChunk, undefined> {
  readonly #maxSamples: number;
  readonly #onReturn: () => void | Promise<void>;
  #chunks: AudioChunk[] = [];
  #buffered = 0;
  #lost = 0;
  #over: { error: unknown } | 'ended' | null = null;
  #wake: (() => void) | null = null;

  /** @param onReturn called when the reader leaves early */
  constructor(maxSamples: number, onReturn: () => void | Promise<void> = () => undefined) {
    this.#maxSamples = maxSamples;
    this.#onReturn = onReturn;
  }

  /** Samples dropped so far. */
  get lostSamples(): number {
    return this.#lost;
  }

  get bufferedSamples(): number {
    return this.#buffered;
  }

  push(chunk: AudioChunk): void {
    if (this.#over !== null || chunk.samples.length === 0) return;
    this.#chunks.push(chunk);
    this.#buffered += chunk.samples.length;
    while (this.#buffered > this.#maxSamples) this.#dropFrom(this.#chunks[0]!);
    this.#signal();
  }

  /** No more audio; what is buffered is still delivered. */
  end(): void {
    this.#over ??= 'ended';
    this.#signal();
  }

  /** No more audio, for a reason: thrown after what is buffered has been delivered. */
  fail(error: unknown): void {
    this.#over ??= { error };
    this.#signal();
  }

  async next(): Promise<IteratorResult<AudioChunk, undefined>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#buffered -= chunk.samples.length;
        return { done: false, value: chunk };
      }
      if (this.#over === 'ended') return { done: true, value: undefined };
      if (this.#over) {
        const { error } = this.#over;
        this.#over = 'ended';
        throw error;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<AudioChunk, undefined>> {
    this.#over = 'ended';
    this.#chunks = [];
    this.#buffered = 0;
    this.#signal();
    await this.#onReturn();
    return { done: true, value: undefined };
  }

  #dropFrom(oldest: AudioChunk): void {
    const excess = Math.min(this.#buffered - this.#maxSamples, oldest.samples.length);
    this.#lost += excess;
    this.#buffered -= excess;
    if (excess === oldest.samples.length) this.#chunks.shift();
    else {
      this.#chunks[0] = {
        startSample: oldest.startSample + excess,
        samples: oldest.samples.subarray(excess),
      };
    }
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
