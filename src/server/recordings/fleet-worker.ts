import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DiarizeProgress } from '../../clustering/types.js';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import type { PieceStream } from '../../fleet/recordings/piece-stream.js';
import {
  keyOf,
  RecordingChanged,
  type FoundRecording,
  type RecordingBoard,
} from '../../fleet/recordings/recording-board.js';
import type { RecordingRecord } from '../../fleet/recordings/recording-record.js';
import { FLEET_SETTINGS } from '../../fleet/settings.js';
import { errorAnswer } from '../http/http-error.js';
import { askedOf } from './fleet-job.js';
import { fairOrder } from './fair-order.js';
import { OwnedRecord } from './owned-record.js';
import { resultToJson } from './result-json.js';
import { isUnderWay, type RecordingsParts } from './recordings.js';
import { discard, spool, type Spooled } from './spool.js';
import { sweepFleet, type LastSeen } from './sweep-fleet.js';

const LOOK_MS = 1000;
const RETRY_MS = 1000;
const CLOSE_MS = 2000;

export interface FleetWorkerParts extends Pick<
  RecordingsParts,
  'atOnce' | 'keepSeconds' | 'diarize' | 'onFault'
> {
  readonly board: RecordingBoard;
  readonly pieces: PieceStream;
  /** Of this process: tells what it hears from what others do. */
  readonly server: string;
  /** Whether this server knows the group. */
  readonly hasGroup: (group: string) => boolean;
  readonly isReachable: () => boolean;
  /** A clock that goes forward. */
  readonly nowMs: () => number;
  /** Another server was lost in the middle of a recording, which waits again. */
  readonly onLost: (record: RecordingRecord) => void;
  readonly beatMs?: number | undefined;
  readonly lostMs?: number | undefined;
}

interface Running {
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

/**
 * Hears recordings of the fleet. One record is the whole truth of each: whoever writes itself into it as the owner, following the
 * revision that it saw, hears it; whoever is silent for too long, by the clock of whoever looks, loses it.
 */
export class FleetWorker {
  readonly #parts: FleetWorkerParts;
  readonly #running = new Map<string, Running>();
  readonly #seen = new Map<string, LastSeen>();
  /** Of each group, the newest change of a recording that is heard: its last turn. */
  readonly #lastTurn = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #looking: Promise<void> | null = null;
  #isClosing = false;

  constructor(parts: FleetWorkerParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => {
      this.look();
    }, LOOK_MS).unref();
    this.#unwatch = parts.board.onChange(() => {
      this.look();
    });
  }

  get lastTurn(): ReadonlyMap<string, number> {
    return this.#lastTurn;
  }

  /** Look for what is to be done. */
  look(): void {
    this.#looking ??= this.#look()
      // NATS went out of reach in the middle of it.
      .catch(() => undefined)
      .finally(() => (this.#looking = null));
  }

  /** What is heard goes back into the line, for other servers. Never rejects. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#timer);
    this.#unwatch();
    await this.#looking;
    const running = [...this.#running.values()];
    for (const { stop } of running)
      stop.abort(new WhospeaksError('server-draining', 'the server shuts down'));
    const late = sleep(CLOSE_MS, undefined, { ref: false });
    await Promise.race([Promise.all(running.map(({ over }) => over)), late]);
  }

  async #look(): Promise<void> {
    const { board, atOnce, isReachable, nowMs } = this.#parts;
    const found = await board.known();
    this.#note(found);
    this.#stopWhatIsLost(found);
    if (!isReachable()) {
      // Whoever cannot be heard of is not to be taken for lost.
      this.#seen.clear();
      return;
    }
    await sweepFleet({ ...this.#parts, isOwn: (key) => this.#running.has(key) }, found, this.#seen);
    await board.tidy(nowMs());
    if (this.#isClosing || this.#running.size >= atOnce) return;
    const waiting = new Map(found.filter((each) => this.#isToHear(each)).map((each) => [each.record, each]));
    for (const record of fairOrder([...waiting.keys()], this.#lastTurn)) {
      if (this.#running.size >= atOnce) return;
      await this.#claim(waiting.get(record)!);
    }
  }

  #isToHear({ record }: FoundRecording): boolean {
    return (
      record.state === 'queued' && !this.#running.has(keyOf(record)) && this.#parts.hasGroup(record.group)
    );
  }

  #note(found: readonly FoundRecording[]): void {
    const atMs = this.#parts.nowMs();
    const keys = new Set<string>();
    for (const { record, revision } of found) {
      const key = keyOf(record);
      keys.add(key);
      if (this.#seen.get(key)?.revision !== revision) this.#seen.set(key, { revision, atMs });
      if (record.state !== 'running') continue;
      this.#lastTurn.set(record.group, Math.max(revision, this.#lastTurn.get(record.group) ?? 0));
    }
    for (const key of this.#seen.keys()) if (!keys.has(key)) this.#seen.delete(key);
  }

  /** What was deleted is not heard to its end. */
  #stopWhatIsLost(found: readonly FoundRecording[]): void {
    const there = new Set(found.map(({ record }) => keyOf(record)));
    for (const [key, { stop }] of this.#running) if (!there.has(key)) stop.abort(lost());
  }

  async #claim({ record, revision }: FoundRecording): Promise<void> {
    const { board, server } = this.#parts;
    const owned = new OwnedRecord(board, record, revision);
    try {
      await owned.put({ state: 'running', owner: server, progress: null });
    } catch (error) {
      // Another server was faster.
      if (error instanceof RecordingChanged) return;
      throw error;
    }
    this.#lastTurn.set(record.group, Math.max(revision, this.#lastTurn.get(record.group) ?? 0) + 1);
    const [key, stop] = [keyOf(record), new AbortController()];
    const over = this.#hear(owned, stop).finally(() => {
      this.#running.delete(key);
      if (!this.#isClosing) this.look();
    });
    this.#running.set(key, { stop, over });
  }

  /** Never rejects. */
  async #hear(owned: OwnedRecord, stop: AbortController): Promise<void> {
    const { pieces, beatMs = FLEET_SETTINGS.beatMs, keepSeconds } = this.#parts;
    const { signal } = stop;
    const key = keyOf(owned.record);
    let progress: DiarizeProgress | null = null;
    const onProgress = (told: DiarizeProgress): void => {
      progress = told;
    };
    const endBeat = owned.beat(
      beatMs,
      () => ({ progress }),
      () => {
        stop.abort(lost());
      },
    );
    // Each try has a name of its own: of two servers that hear one recording, one result is taken, whole.
    const name = `result-${randomBytes(8).toString('hex')}`;
    try {
      const outcome = await this.#outcome(owned.record, name, onProgress, signal);
      endBeat();
      const expiresAt = new Date(Date.now() + 1000 * keepSeconds).toISOString();
      await whileOutOfReach(() => owned.put({ progress, ...outcome, owner: '', expiresAt }), signal);
      await pieces.remove(`${key}.sound`);
      await pieces.remove(`${key}.transcript`);
      await owned.put({ sound: null, transcript: null });
    } catch (error) {
      endBeat();
      if (isUnderWay(owned.record)) await pieces.remove(`${key}.${name}`).catch(() => undefined);
      const isReleased = this.#isClosing && isWhospeaksError(error) && error.code === 'server-draining';
      if (isReleased) await owned.put({ state: 'queued', owner: '', progress: null }).catch(() => undefined);
    } finally {
      endBeat();
    }
  }

  /** Throws the signal's reason where it is not to be told at all. */
  async #outcome(
    record: RecordingRecord,
    name: string,
    onProgress: (progress: DiarizeProgress) => void,
    signal: AbortSignal,
  ): Promise<Partial<RecordingRecord>> {
    const { pieces, diarize, onFault } = this.#parts;
    let spooled: Spooled | undefined;
    try {
      spooled = await whileOutOfReach(() => this.#sound(record), signal);
      const job = { id: record.id, group: record.group, asked: askedOf(record) };
      const result = await diarize(job, spooled, { onProgress, signal });
      const { duration } = result;
      const progress: DiarizeProgress = { stage: 'clustering', position: duration, duration };
      const kept = await whileOutOfReach(
        () => pieces.write(`${keyOf(record)}.${name}`, [resultToJson(result)]),
        signal,
      );
      return { state: 'done', result: { ...kept, name }, progress };
    } catch (error) {
      signal.throwIfAborted();
      const { isFault, body } = errorAnswer(error);
      if (isFault) onFault(error, record);
      return { state: 'failed', error: body.error };
    } finally {
      if (spooled !== undefined) await discard(spooled);
    }
  }

  async #sound(record: RecordingRecord): Promise<Spooled> {
    const { pieces } = this.#parts;
    const { sound, transcript } = record;
    if (sound === null)
      throw new WhospeaksError('store-corrupt', 'the recording has no sound; send it again');
    const spooled = await spool(pieces.read(`${keyOf(record)}.sound`, sound));
    if (transcript === null) return spooled;
    try {
      return {
        ...spooled,
        transcript: await spool(pieces.read(`${keyOf(record)}.transcript`, transcript)),
      };
    } catch (error) {
      await discard(spooled);
      throw error;
    }
  }
}

function lost(): WhospeaksError {
  return new WhospeaksError('recording-unknown', 'the recording was deleted, or is heard by another server');
}

/** What NATS did not take or tell is tried again until it does. Rejects as `work` otherwise, or with the signal's reason. */
async function whileOutOfReach<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!isWhospeaksError(error) || error.code !== 'fleet-unreachable') throw error;
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}
