import { SampleQueue } from './sample-queue.js';
import type { AudioChunk } from './types.js';

export interface AudioBufferOptions {
  /** Beyond it the oldest audio is dropped and counted. Without it, the writer must limit what waits. */
  readonly maxSamples?: number;
  /** Whether the reader may have more now; `recheck` where the answer has become yes. */
  readonly mayRead?: () => boolean;
  /** Called when the reader has taken audio out. */
  readonly onTaken?: () => void;
  /** Called when the reader leaves early. */
  readonly onReturn?: () => void | Promise<void>;
}

/**
 * Audio between a writer that cannot wait and one reader that may be slow: a microphone's, a WebSocket's, a
 * session's of the service. Dropped audio shows as a gap in `startSample`.
 */
export class AudioBuffer implements AsyncIterator<AudioChunk, undefined> {
  readonly #queue: SampleQueue;
  readonly #options: AudioBufferOptions;
  #over: { readonly error: unknown } | 'ended' | null = null;
  #wake: (() => void) | null = null;

  constructor(options: AudioBufferOptions = {}) {
    this.#options = options;
    this.#queue = new SampleQueue(options.maxSamples ?? Infinity);
  }

  get queuedSamples(): number {
    return this.#queue.queuedSamples;
  }

  /** So far. */
  get droppedSamples(): number {
    return this.#queue.droppedSamples;
  }

  push(chunk: AudioChunk): void {
    if (this.#over !== null) return;
    this.#queue.push(chunk);
    this.recheck();
  }

  /** No more audio; what waits is still delivered. */
  end(): void {
    this.#over ??= 'ended';
    this.recheck();
  }

  /** No more audio, for a reason: thrown after what waits has been delivered. */
  fail(error: unknown): void {
    this.#over ??= { error };
    this.recheck();
  }

  /** Drop what waits, and end. */
  abort(): void {
    this.#over = 'ended';
    this.#queue.clear();
    this.recheck();
  }

  /** `mayRead` may have changed its mind. */
  recheck(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  async next(): Promise<IteratorResult<AudioChunk, undefined>> {
    const { mayRead, onTaken } = this.#options;
    for (;;) {
      const chunk = mayRead?.() === false ? null : this.#queue.take();
      if (chunk !== null) {
        onTaken?.();
        return { done: false, value: chunk };
      }
      if (this.#over !== null && this.#queue.queuedSamples === 0) {
        const over = this.#over;
        this.#over = 'ended';
        if (over !== 'ended') throw over.error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<AudioChunk, undefined>> {
    this.abort();
    await this.#options.onReturn?.();
    return { done: true, value: undefined };
  }
}
