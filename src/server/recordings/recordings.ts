import { WhospeaksError } from '../../errors.js';
import type { DiarizeProgress } from '../../clustering/types.js';
import type { ErrorReply } from '../../protocol/index.js';
import type { Asked, JobResult } from './messages.js';
import type { Spooled } from './spool.js';

export type RecordingState = 'fetching' | 'queued' | 'running' | 'done' | 'failed';

/** One recording that was sent, from then until it is forgotten. */
export interface RecordingJob {
  readonly id: string;
  readonly group: string;
  readonly createdAt: Date;
  readonly asked: Asked;
  state: RecordingState;
  progress: DiarizeProgress | null;
  result: JobResult | null;
  /** As whoever sent it is told. */
  error: ErrorReply['error'] | null;
  /** When what came of it is deleted; null while it waits or runs. */
  expiresAt: Date | null;
}

/** How a recording is heard, when its turn has come. */
export type DiarizeJob = (
  job: Pick<RecordingJob, 'id' | 'group' | 'asked'>,
  spooled: Spooled,
  run: { onProgress: (progress: DiarizeProgress) => void; signal: AbortSignal },
) => Promise<JobResult>;

export interface RecordingsParts {
  /** Processes that diarize at once, over all groups. */
  readonly atOnce: number;
  /** Recordings of one group that come in, wait or run. */
  readonly maxRecordings: number;
  /** How long what came of a recording is kept. */
  readonly keepSeconds: number;
  readonly diarize: DiarizeJob;
  /** A fault of ours. */
  readonly onFault: (error: unknown, job: Pick<RecordingJob, 'id' | 'group'>) => void;
}

/** Results of one group that are kept at most; the oldest go first. */
export const MAX_KEPT = 100;

type MaybeLater<T> = T | Promise<T>;

/** Recordings that wait for their turn, are heard, or are done: this server's own, or a fleet's. Groups take turns. */
export interface Recordings {
  /**
   * Take a recording in. It counts from the moment that it begins to come.
   *
   * @param receive the recording, which is closed here
   * Rejects as `receive` does, with `server-limit` where the group has as many under way as it may, or `server-draining`.
   */
  take(group: string, asked: Asked, receive: () => Promise<Spooled>): Promise<RecordingJob>;
  /**
   * Have a recording fetched, which waits for its turn when it is there; a job at once. Fails as `take`.
   *
   * @param receive the recording; aborted where it is deleted meanwhile
   */
  fetch(
    group: string,
    asked: Asked,
    receive: (signal: AbortSignal) => Promise<Spooled>,
  ): MaybeLater<RecordingJob>;
  /** Of one group, the oldest first; what came of them may be left out. */
  list(group: string): MaybeLater<RecordingJob[]>;
  /** Fails with `recording-unknown`. */
  get(group: string, id: string): MaybeLater<RecordingJob>;
  /** Recordings that are heard before one that waits; undefined of another. */
  ahead(job: RecordingJob): number | undefined;
  /** From now on a speaker that was found is known by a name, or is another one of the recording. */
  rename(job: RecordingJob, label: string, name: string, known: boolean): MaybeLater<void>;
  /** Stop it and delete what came of it. Fails as `get`. */
  remove(group: string, id: string): MaybeLater<void>;
  /** Take none any more, and let others go on with what they can go on with. */
  drain(): Promise<void>;
  /** Stop. */
  close(): void;
}

export function isUnderWay({ state }: { readonly state: string }): boolean {
  return state !== 'done' && state !== 'failed';
}

/** @throws {WhospeaksError} `server-forbidden` where none are taken */
export function assertTaken(maxRecordings: number): void {
  if (maxRecordings > 0) return;
  throw new WhospeaksError(
    'server-forbidden',
    'this server takes no whole recordings; its operator can allow them with "maxRecordings"',
  );
}

export function tooMany(maxRecordings: number): WhospeaksError {
  return new WhospeaksError(
    'server-limit',
    `${maxRecordings} recordings of this group wait or are heard; send the next when one is done`,
  );
}

export function unknownRecording(): WhospeaksError {
  return new WhospeaksError(
    'recording-unknown',
    'there is no such recording in this group; results are deleted after a while',
  );
}
