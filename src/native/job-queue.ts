import { WhospeaksError } from '../errors.js';

/** `batch` windows of `frames` that wait for the network. */
export interface Job {
  readonly features: Float32Array;
  readonly batch: number;
  readonly frames: number;
  readonly resolve: (embeddings: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Jobs that wait, in order of arrival, bounded in windows: beyond the bound `push` refuses. `take` joins
 * the jobs at the front that have the same length, so that a backlog gets the speed of a batch.
 */
export class JobQueue {
  readonly #jobs: Job[] = [];
  #windows = 0;

  constructor(
    private readonly maxWindows: number,
    private readonly maxBatch: number,
  ) {}

  get windows(): number {
    return this.#windows;
  }

  /** Throws `engine-failed` where the queue is full. A job larger than the bound enters an empty queue. */
  push(job: Job): void {
    if (this.#windows > 0 && this.#windows + job.batch > this.maxWindows) {
      throw new WhospeaksError(
        'engine-failed',
        `${this.#windows} windows wait for the engine already, its bound is ${this.maxWindows}; await earlier calls of embed first`,
      );
    }
    this.#jobs.push(job);
    this.#windows += job.batch;
  }

  /** The next jobs to run together; empty where none wait. */
  take(): Job[] {
    const first = this.#jobs[0];
    if (first === undefined) return [];
    let count = 0;
    let windows = 0;
    for (const job of this.#jobs) {
      if (job.frames !== first.frames || (count > 0 && windows + job.batch > this.maxBatch)) break;
      count += 1;
      windows += job.batch;
    }
    this.#windows -= windows;
    return this.#jobs.splice(0, count);
  }

  /** Empty the queue. */
  drain(): Job[] {
    this.#windows = 0;
    return this.#jobs.splice(0);
  }
}
