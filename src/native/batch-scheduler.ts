import { JobQueue, type Job } from './job-queue.js';

export interface BatchSchedulerOptions {
  /** Windows that may wait. */
  readonly maxQueuedWindows: number;
  /** Windows that run together. */
  readonly maxBatch: number;
  /** Longest that a window waits for others to run with it, while the engine is idle, ms. */
  readonly maxDelayMs: number;
}

/** What to do now: run `jobs`; or, where there are none, look again in `waitMs`; null where nothing waits. */
export interface Decision {
  readonly jobs: readonly Job[];
  readonly waitMs: number | null;
}

/** Weight of the latest gap between two arrivals in the mean gap. */
const LATEST = 0.25;

/**
 * When waiting jobs run, and together with which. A job runs at once where a batch is full, where it has
 * waited for `maxDelayMs`, or where no other is expected within that time, judged by the mean gap between
 * arrivals: so a lone stream never waits, and a busy server's windows meet.
 *
 * Time is handed in, in ms from any origin; the scheduler reads no clock and sets no timer.
 */
export class BatchScheduler {
  readonly #queue: JobQueue;
  readonly #maxBatch: number;
  readonly #maxDelayMs: number;
  #meanGapMs = Infinity;
  #lastArrivalMs = -Infinity;

  constructor({ maxQueuedWindows, maxBatch, maxDelayMs }: BatchSchedulerOptions) {
    this.#queue = new JobQueue(maxQueuedWindows, maxBatch);
    this.#maxBatch = maxBatch;
    this.#maxDelayMs = maxDelayMs;
  }

  /** Throws `engine-failed` where the queue is full. */
  push(job: Job, nowMs: number): void {
    this.#queue.push(job, nowMs);
    const gap = nowMs - this.#lastArrivalMs;
    this.#lastArrivalMs = nowMs;
    // After a pause the past says nothing: a gap that long is taken as it is.
    this.#meanGapMs =
      gap > this.#maxDelayMs || this.#meanGapMs === Infinity
        ? gap
        : this.#meanGapMs + LATEST * (gap - this.#meanGapMs);
  }

  /** To be asked whenever the engine is idle: after a push, after a batch, and when `waitMs` is over. */
  next(nowMs: number): Decision {
    const { readyWindows, oldestMs } = this.#queue;
    if (oldestMs === null) return { jobs: [], waitMs: null };
    const leftMs = oldestMs + this.#maxDelayMs - nowMs;
    if (readyWindows < this.#maxBatch && leftMs > 0 && this.#meanGapMs < this.#maxDelayMs) {
      return { jobs: [], waitMs: leftMs };
    }
    return { jobs: this.#queue.take(), waitMs: null };
  }

  /** Empty the queue. */
  drain(): Job[] {
    return this.#queue.drain();
  }
}
