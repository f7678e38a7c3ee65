import { WhospeaksError } from '../errors.js';
import type { NetworkOutputs } from './addon.js';

/** `batch` windows of `frames` that wait for the network. */
export interface Job {
  readonly features: Float32Array;
  readonly batch: number;
  readonly frames: number;
  readonly resolve: (outputs: NetworkOutputs) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  readonly job: Job;
  readonly sinceMs: number;
}

/**
 * Jobs that wait, in order of arrival, bounded in windows: beyond the bound `push` refuses. `take` joins the
 * first job with later ones of the same length; others keep their place, and the first is always served, so
 * none starves.
 */
export class JobQueue {
  #waiting: Waiting[] = [];
  #windows = 0;

  constructor(
    private readonly maxWindows: number,
    private readonly maxBatch: number,
  ) {}

  get windows(): number {
    return this.#windows;
  }

  /** When the first job came; null where none waits. */
  get oldestMs(): number | null {
    return this.#waiting[0]?.sinceMs ?? null;
  }

  /** Windows that `take` would give now. */
  get readyWindows(): number {
    return this.#ready().reduce((sum, { job }) => sum + job.batch, 0);
  }

  /** Throws `engine-failed` where the queue is full. A job larger than the bound enters an empty queue. */
  push(job: Job, nowMs: number): void {
    if (this.#windows > 0 && this.#windows + job.batch > this.maxWindows) {
      throw new WhospeaksError(
        'engine-failed',
        `${this.#windows} of at most ${this.maxWindows} windows wait for the engine; await earlier calls first`,
      );
    }
    this.#waiting.push({ job, sinceMs: nowMs });
    this.#windows += job.batch;
  }

  /** The next jobs to run together; empty where none wait. */
  take(): Job[] {
    const ready = this.#ready();
    const taken = new Set(ready);
    if (ready.length > 0) this.#waiting = this.#waiting.filter((entry) => !taken.has(entry));
    for (const { job } of ready) this.#windows -= job.batch;
    return ready.map(({ job }) => job);
  }

  /** Empty the queue. */
  drain(): Job[] {
    this.#windows = 0;
    return this.#waiting.splice(0).map(({ job }) => job);
  }

  #ready(): Waiting[] {
    const first = this.#waiting[0];
    if (first === undefined) return [];
    const ready = [first];
    let windows = first.job.batch;
    for (let i = 1; i < this.#waiting.length && windows < this.maxBatch; i++) {
      const entry = this.#waiting[i]!;
      if (entry.job.frames !== first.job.frames || windows + entry.job.batch > this.maxBatch) continue;
      ready.push(entry);
      windows += entry.job.batch;
    }
    return ready;
  }
}
