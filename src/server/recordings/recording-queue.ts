import { randomUUID } from 'node:crypto';
import { renameSpeaker } from '../../clustering/rename-speaker.js';
import type { DiarizeProgress } from '../../clustering/types.js';
import { WhospeaksError } from '../../errors.js';
import { FairTurns } from '../fair-turns.js';
import { errorAnswer } from '../http/http-error.js';
import type { Asked } from './messages.js';
import {
  assertTaken,
  isUnderWay,
  MAX_KEPT,
  tooMany,
  unknownRecording,
  type RecordingJob,
  type Recordings,
  type RecordingsParts,
  type RecordingState,
} from './recordings.js';
import { discard, type Spooled } from './spool.js';

interface Kept {
  readonly job: RecordingJob;
  readonly stop: AbortController;
  /** Undefined while it is fetched. */
  spooled: Spooled | undefined;
}

/** Recordings that wait for their turn, are heard, or are done. Groups take turns. A restart forgets them all. */
export class RecordingQueue implements Recordings {
  readonly #parts: RecordingsParts;
  readonly #turns: FairTurns;
  readonly #jobs = new Map<string, Kept>();
  /** Recordings that come in, by group: each may fill the disk. */
  readonly #arriving = new Map<string, number>();
  #isClosed = false;

  constructor(parts: RecordingsParts) {
    this.#parts = parts;
    this.#turns = new FairTurns(parts.atOnce);
  }

  async take(group: string, asked: Asked, receive: () => Promise<Spooled>): Promise<RecordingJob> {
    this.#assertRoom(group);
    const arriving = this.#arriving.get(group) ?? 0;
    this.#arriving.set(group, arriving + 1);
    try {
      const spooled = await receive();
      if (this.#isClosed) await discard(spooled);
      this.#assertOpen();
      const kept = this.#add(group, asked, 'queued');
      this.#line(kept, spooled);
      return kept.job;
    } finally {
      this.#arriving.set(group, this.#arriving.get(group)! - 1);
    }
  }

  fetch(group: string, asked: Asked, receive: (signal: AbortSignal) => Promise<Spooled>): RecordingJob {
    this.#assertRoom(group);
    const kept = this.#add(group, asked, 'fetching');
    const { signal } = kept.stop;
    receive(signal).then(
      async (spooled) => {
        if (signal.aborted) await discard(spooled);
        else this.#line(kept, spooled);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.#fail(kept.job, error);
        this.#keepForAWhile(kept.job);
      },
    );
    return kept.job;
  }

  #assertRoom(group: string): void {
    this.#assertOpen();
    const arriving = this.#arriving.get(group) ?? 0;
    const { maxRecordings } = this.#parts;
    assertTaken(maxRecordings);
    if (arriving + this.list(group).filter(isUnderWay).length >= maxRecordings) throw tooMany(maxRecordings);
  }

  #assertOpen(): void {
    if (!this.#isClosed) return;
    throw new WhospeaksError('server-draining', 'the server shuts down; send the recording again');
  }

  #add(group: string, asked: Asked, state: RecordingState): Kept {
    const id = randomUUID();
    const job: RecordingJob = {
      id,
      group,
      createdAt: new Date(),
      asked,
      state,
      progress: null,
      result: null,
      error: null,
      expiresAt: null,
    };
    const kept = { job, spooled: undefined, stop: new AbortController() };
    this.#jobs.set(id, kept);
    return kept;
  }

  /** It is here, and waits for its turn. */
  #line(kept: Kept, spooled: Spooled): void {
    const { group } = kept.job;
    kept.job.state = 'queued';
    kept.spooled = spooled;
    const { signal } = kept.stop;
    // One that is deleted leaves the line.
    this.#turns.run(group, () => this.#hear(kept, spooled), signal).catch(() => undefined);
  }

  list(group: string): RecordingJob[] {
    return [...this.#jobs.values()].map(({ job }) => job).filter((job) => job.group === group);
  }

  /** @throws {WhospeaksError} `recording-unknown` */
  get(group: string, id: string): RecordingJob {
    const job = this.#jobs.get(id)?.job;
    if (job?.group === group) return job;
    throw unknownRecording();
  }

  ahead(job: RecordingJob): number | undefined {
    if (job.state !== 'queued') return undefined;
    const waiting = this.list(job.group).filter(({ state }) => state === 'queued');
    return this.#turns.running + this.#turns.ahead(job.group, waiting.indexOf(job));
  }

  rename(job: RecordingJob, label: string, name: string, known: boolean): void {
    if (job.result !== null) job.result = renameSpeaker(job.result, label, { name, known });
  }

  remove(group: string, id: string): void {
    this.get(group, id);
    const { job, spooled, stop } = this.#jobs.get(id)!;
    this.#jobs.delete(id);
    // One that waits would hold its place on the disk until its turn.
    if (job.state === 'queued' && spooled !== undefined) void discard(spooled);
    stop.abort(new WhospeaksError('recording-unknown', 'the recording was deleted'));
  }

  /** What waits has its time until `close`: nobody else can go on with it. */
  drain(): Promise<void> {
    return Promise.resolve();
  }

  /** Stop and forget everything. */
  close(): void {
    this.#isClosed = true;
    for (const { job } of [...this.#jobs.values()]) this.remove(job.group, job.id);
  }

  async #hear({ job, stop: { signal } }: Kept, spooled: Spooled): Promise<void> {
    try {
      job.state = 'running';
      const onProgress = (progress: DiarizeProgress): void => {
        job.progress = progress;
      };
      job.result = await this.#parts.diarize(job, spooled, { onProgress, signal });
      job.state = 'done';
    } catch (error) {
      if (signal.aborted) return;
      this.#fail(job, error);
    } finally {
      // At once: whoever asks while its file is being removed hears how long the result is kept.
      this.#keepForAWhile(job);
      await discard(spooled);
    }
  }

  #fail(job: RecordingJob, error: unknown): void {
    job.state = 'failed';
    const { isFault, body } = errorAnswer(error);
    if (isFault) this.#parts.onFault(error, job);
    job.error = body.error;
  }

  #keepForAWhile(job: RecordingJob): void {
    const keepMs = 1000 * this.#parts.keepSeconds;
    job.expiresAt = new Date(Date.now() + keepMs);
    setTimeout(() => this.#jobs.delete(job.id), keepMs).unref();
    const kept = this.list(job.group).filter((other) => !isUnderWay(other));
    for (const { id } of kept.slice(0, Math.max(0, kept.length - MAX_KEPT))) this.#jobs.delete(id);
  }
}
