import { randomUUID } from 'node:crypto';
import type { Diarization, DiarizeProgress } from '../../clustering/types.js';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { FairTurns } from '../http/fair-turns.js';
import type { SpeakerCount } from './messages.js';
import type { Spooled } from './spool.js';

export type RecordingState = 'queued' | 'running' | 'done' | 'failed';

/** One recording that was sent, from then until it is forgotten. */
export interface RecordingJob {
  readonly id: string;
  readonly group: string;
  readonly createdAt: Date;
  readonly count: SpeakerCount;
  state: RecordingState;
  progress: DiarizeProgress | null;
  result: Diarization | null;
  error: WhospeaksError | null;
  /** When what came of it is deleted; null while it waits or runs. */
  expiresAt: Date | null;
}

export interface RecordingQueueParts {
  /** Processes that diarize at once, over all groups. */
  readonly atOnce: number;
  /** Recordings of one group that wait or run. */
  readonly maxRecordings: number;
  /** How long what came of a recording is kept. */
  readonly keepSeconds: number;
  /** How a recording is heard, when its turn has come. */
  readonly diarize: (
    job: RecordingJob,
    spooled: Spooled,
    run: { onProgress: (progress: DiarizeProgress) => void; signal: AbortSignal },
  ) => Promise<Diarization>;
  /** A fault of ours. */
  readonly onFault: (error: unknown, job: RecordingJob) => void;
}

/** Results of one group that are kept at most; the oldest go first. */
const MAX_KEPT = 100;

/** Recordings that wait for their turn, are heard, or are done. Groups take turns. A restart forgets them all. */
export class RecordingQueue {
  readonly #parts: RecordingQueueParts;
  readonly #turns: FairTurns;
  readonly #jobs = new Map<string, { readonly job: RecordingJob; readonly stop: AbortController }>();
  #isClosed = false;

  constructor(parts: RecordingQueueParts) {
    this.#parts = parts;
    this.#turns = new FairTurns(parts.atOnce);
  }

  /** @throws {WhospeaksError} `server-limit` where the group has as many under way as it may, `server-draining` at the end */
  assertRoom(group: string): void {
    if (this.#isClosed)
      throw new WhospeaksError('server-draining', 'the server shuts down; send the recording again');
    const { maxRecordings } = this.#parts;
    if (this.list(group).filter(isUnderWay).length < maxRecordings) return;
    throw new WhospeaksError(
      'server-limit',
      `${maxRecordings} recordings of this group wait or are heard; send the next when one is done`,
    );
  }

  /** Take a recording in; `spooled` is closed when it has been heard. Throws as `assertRoom`. */
  add(group: string, spooled: Spooled, count: SpeakerCount = {}): RecordingJob {
    this.assertRoom(group);
    const id = randomUUID();
    const job: RecordingJob = {
      id,
      group,
      createdAt: new Date(),
      count,
      state: 'queued',
      progress: null,
      result: null,
      error: null,
      expiresAt: null,
    };
    const stop = new AbortController();
    this.#jobs.set(id, { job, stop });
    void this.#turns.run(group, () => this.#hear(job, spooled, stop.signal));
    return job;
  }

  /** Of one group, the oldest first. */
  list(group: string): RecordingJob[] {
    return [...this.#jobs.values()].map(({ job }) => job).filter((job) => job.group === group);
  }

  /** @throws {WhospeaksError} `recording-unknown` */
  get(group: string, id: string): RecordingJob {
    const job = this.#jobs.get(id)?.job;
    if (job?.group === group) return job;
    throw new WhospeaksError(
      'recording-unknown',
      'there is no such recording in this group; what came of one is deleted after a while',
    );
  }

  /** From now on a speaker that was found is known by a name. */
  rename(job: RecordingJob, label: string, name: string): void {
    const { result } = job;
    if (result === null) return;
    job.result = {
      ...result,
      segments: result.segments.map((segment) =>
        segment.speaker === label ? { ...segment, speaker: name, known: true } : segment,
      ),
      speakers: result.speakers.map((speaker) =>
        speaker.label === label ? { ...speaker, label: name, known: true } : speaker,
      ),
    };
  }

  /** Stop it and delete what came of it. Throws as `get`. */
  remove(group: string, id: string): void {
    this.get(group, id);
    const { stop } = this.#jobs.get(id)!;
    this.#jobs.delete(id);
    stop.abort(new WhospeaksError('recording-unknown', 'the recording was deleted'));
  }

  /** Stop and forget everything. */
  close(): void {
    this.#isClosed = true;
    for (const { job } of [...this.#jobs.values()]) this.remove(job.group, job.id);
  }

  async #hear(job: RecordingJob, spooled: Spooled, signal: AbortSignal): Promise<void> {
    try {
      if (signal.aborted) return;
      job.state = 'running';
      const onProgress = (progress: DiarizeProgress): void => {
        job.progress = progress;
      };
      job.result = await this.#parts.diarize(job, spooled, { onProgress, signal });
      job.state = 'done';
    } catch (error) {
      if (signal.aborted) return;
      job.state = 'failed';
      const known = isWhospeaksError(error) && error.code !== 'server-failed';
      if (!known) this.#parts.onFault(error, job);
      job.error = known
        ? error
        : new WhospeaksError(
            'server-failed',
            'the server failed at this; tell its operator if it happens again',
          );
    } finally {
      await spooled.handle.close();
      this.#keepForAWhile(job);
    }
  }

  #keepForAWhile(job: RecordingJob): void {
    const keepMs = 1000 * this.#parts.keepSeconds;
    job.expiresAt = new Date(Date.now() + keepMs);
    setTimeout(() => this.#jobs.delete(job.id), keepMs).unref();
    const kept = this.list(job.group).filter((other) => !isUnderWay(other));
    for (const { id } of kept.slice(0, Math.max(0, kept.length - MAX_KEPT))) this.#jobs.delete(id);
  }
}

function isUnderWay({ state }: RecordingJob): boolean {
  return state === 'queued' || state === 'running';
}
