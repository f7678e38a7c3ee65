import { SAMPLE_RATE_HZ, type AudioChunk, type AudioSource } from '../../stream/index.js';
import { SampleQueue } from './sample-queue.js';

/** Pieces in which the pipeline takes audio, so that one stream never holds the event loop for long. */
const BLOCK_SAMPLES = SAMPLE_RATE_HZ / 4;

export interface SessionAudioOptions {
  readonly live: boolean;
  /** Where a live stream begins to drop. */
  readonly maxSamples: number;
  /** Called when the pipeline has taken audio out. */
  readonly onTaken: () => void;
  /** Whether the pipeline may have more now; `recheck` where the answer has become yes. */
  readonly mayRead: () => boolean;
}

/**
 * The audio of one session between the socket and the pipeline. Live: bounded, drops its oldest. Recorded:
 * the credit keeps it bounded, and it is pulled only while the events find a reader.
 */
export class SessionAudio implements AudioSource {
  readonly live: boolean;
  readonly #queue: SampleQueue;
  readonly #onTaken: () => void;
  readonly #mayRead: () => boolean;
  #takenTo = 0;
  #over: { error?: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor({ live, maxSamples, onTaken, mayRead }: SessionAudioOptions) {
    this.live = live;
    this.#queue = new SampleQueue(BLOCK_SAMPLES, live ? maxSamples : Infinity);
    this.#onTaken = onTaken;
    this.#mayRead = mayRead;
  }

  get queuedSamples(): number {
    return this.#queue.queuedSamples;
  }

  get droppedSamples(): number {
    return this.#queue.droppedSamples;
  }

  /** How far the pipeline has taken the audio, samples of stream time. */
  get takenTo(): number {
    return this.#takenTo;
  }

  push(chunk: AudioChunk): void {
    if (this.#over !== null) return;
    this.#queue.push(chunk);
    this.recheck();
  }

  /** No more audio; what waits is still read. With an error, that is thrown after it. */
  end(fault?: { readonly error: unknown }): void {
    this.#over ??= fault ?? {};
    this.recheck();
  }

  /** Drop what waits and end: the session is given up. */
  abort(): void {
    this.#over = {};
    this.#queue.clear();
    this.recheck();
  }

  /** `mayRead` may have changed its mind. */
  recheck(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  [Symbol.asyncIterator](): AsyncIterator<AudioChunk> {
    return {
      next: () => this.#next(),
      return: () => {
        this.abort();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #next(): Promise<IteratorResult<AudioChunk>> {
    for (;;) {
      const chunk = this.#mayRead() ? this.#queue.take() : null;
      if (chunk !== null) {
        this.#takenTo = chunk.startSample + chunk.samples.length;
        this.#onTaken();
        return { done: false, value: chunk };
      }
      if (this.#over !== null && this.#queue.queuedSamples === 0) {
        const { error } = this.#over;
        this.#over = {};
        if (error !== undefined) throw error as Error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
