import { randomBytes, randomUUID } from 'node:crypto';
import { renameSpeaker } from '../../clustering/rename-speaker.js';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import type { Pieces } from '../../fleet/recordings/piece-stream.js';
import { keyOf, RecordingChanged, type FoundRecording } from '../../fleet/recordings/recording-board.js';
import type { RecordingRecord } from '../../fleet/recordings/recording-record.js';
import { FLEET_SETTINGS } from '../../fleet/settings.js';
import { errorAnswer, withStatus } from '../http/http-error.js';
import { byAge, fairOrder } from './fair-order.js';
import { jobOf } from './fleet-job.js';
import { FleetWorker, type FleetWorkerParts } from './fleet-worker.js';
import type { Asked, JobResult } from './messages.js';
import { OwnedRecord } from './owned-record.js';
import {
  assertTaken,
  isUnderWay,
  tooMany,
  unknownRecording,
  type RecordingJob,
  type Recordings,
  type RecordingsParts,
} from './recordings.js';
import { resultFromJson, resultToJson } from './result-json.js';
import { discard, readSpooled, type Spooled } from './spool.js';

/** Results that this server read last: whoever asks for one asks for it in several forms. */
const CACHED = 4;
const TRIES = 5;

export type FleetRecordingsParts = RecordingsParts & Omit<FleetWorkerParts, keyof RecordingsParts | 'server'>;

/** Recordings of a fleet: sent to any server, heard by any, told and deleted by all. */
export class FleetRecordings implements Recordings {
  readonly #parts: FleetRecordingsParts;
  readonly #server = randomBytes(8).toString('hex');
  readonly #worker: FleetWorker;
  readonly #ahead = new WeakMap<RecordingJob, number>();
  readonly #results = new Map<string, JobResult>();
  #isClosed = false;
  #draining: Promise<void> | undefined;

  constructor(parts: FleetRecordingsParts) {
    this.#parts = parts;
    this.#worker = new FleetWorker({ ...parts, server: this.#server });
  }

  async take(group: string, asked: Asked, receive: () => Promise<Spooled>): Promise<RecordingJob> {
    const owned = await this.#begin(group, asked, 'receiving');
    try {
      await this.#receive(owned, receive);
    } catch (error) {
      await this.#giveUp(owned);
      throw error;
    }
    return this.get(group, owned.record.id);
  }

  async fetch(
    group: string,
    asked: Asked,
    receive: (signal: AbortSignal) => Promise<Spooled>,
  ): Promise<RecordingJob> {
    const owned = await this.#begin(group, asked, 'fetching');
    this.#receive(owned, receive).catch(async (error: unknown) => {
      const { isFault, body } = errorAnswer(error);
      if (isFault) this.#parts.onFault(error, owned.record);
      const expiresAt = new Date(Date.now() + 1000 * this.#parts.keepSeconds).toISOString();
      // Where it was deleted there is nobody to tell.
      await owned.put({ state: 'failed', owner: '', error: body.error, expiresAt }).catch(() => undefined);
      await this.#parts.pieces.remove(`${keyOf(owned.record)}.>`).catch(() => undefined);
    });
    return jobOf(owned.record, null);
  }

  async list(group: string): Promise<RecordingJob[]> {
    const found = await this.#parts.board.current();
    const own = found.filter(({ record }) => record.group === group && record.state !== 'receiving');
    own.sort((a, b) => byAge(a.record, b.record));
    return own.map(({ record }) => this.#told(record, null, found));
  }

  async get(group: string, id: string): Promise<RecordingJob> {
    const found = await this.#parts.board.current();
    const { record } = find(found, group, id);
    return this.#told(record, await this.#resultOf(record), found);
  }

  ahead(job: RecordingJob): number | undefined {
    return this.#ahead.get(job);
  }

  async rename({ group, id }: RecordingJob, label: string, name: string, known: boolean): Promise<void> {
    const { board, pieces } = this.#parts;
    for (let tries = 1; ; tries++) {
      const { record, revision } = find(await board.current(), group, id);
      const before = await this.#resultOf(record);
      if (before === null || record.result === null) return;
      const renamed = renameSpeaker(before, label, { name, known });
      const kept = await this.#keep(record, resultToJson(renamed));
      try {
        await board.put({ ...record, result: kept }, revision);
        await pieces.remove(`${keyOf(record)}.${record.result.name}`);
        return;
      } catch (error) {
        await pieces.remove(`${keyOf(record)}.${kept.name}`);
        if (!(error instanceof RecordingChanged) || tries === TRIES) throw error;
      }
    }
  }

  async remove(group: string, id: string): Promise<void> {
    const { board, pieces } = this.#parts;
    const { record } = find(await board.current(), group, id);
    await board.remove(record);
    await pieces.remove(`${keyOf(record)}.>`);
  }

  drain(): Promise<void> {
    this.#isClosed = true;
    return (this.#draining ??= this.#worker.close());
  }

  close(): void {
    void this.drain().then(() => {
      this.#parts.board.close();
    });
  }

  /** Its place in the fleet, before any sound of it comes. */
  async #begin(group: string, asked: Asked, state: 'receiving' | 'fetching'): Promise<OwnedRecord> {
    this.#assertOpen();
    const { board, maxRecordings } = this.#parts;
    assertTaken(maxRecordings);
    const underWay = async (): Promise<RecordingRecord[]> =>
      (await board.current())
        .map(({ record }) => record)
        .filter((record) => record.group === group && isUnderWay(record))
        .sort(byAge);
    if ((await underWay()).length >= maxRecordings) throw tooMany(maxRecordings);
    const record: RecordingRecord = {
      id: randomUUID(),
      group,
      createdAt: new Date().toISOString(),
      order: 0,
      asked,
      state,
      owner: this.#server,
      lost: 0,
      sound: null,
      transcript: null,
      progress: null,
      result: null,
      error: null,
      expiresAt: null,
    };
    const owned = new OwnedRecord(board, record, 0);
    await owned.put({});
    // Of several that came at once, to whichever servers, those that are too many go.
    if ((await underWay()).findIndex(({ id }) => id === record.id) >= maxRecordings) {
      await board.remove(record);
      throw tooMany(maxRecordings);
    }
    return owned;
  }

  async #receive(owned: OwnedRecord, receive: (signal: AbortSignal) => Promise<Spooled>): Promise<void> {
    const { beatMs = FLEET_SETTINGS.beatMs } = this.#parts;
    const key = keyOf(owned.record);
    const stop = new AbortController();
    const endBeat = owned.beat(
      beatMs,
      () => ({}),
      () => {
        stop.abort(unknownRecording());
      },
    );
    try {
      const spooled = await receive(stop.signal);
      try {
        this.#assertOpen();
        const sound = await this.#write(`${key}.sound`, spooled);
        const transcript = spooled.transcript && (await this.#write(`${key}.transcript`, spooled.transcript));
        endBeat();
        await owned.put({ state: 'queued', owner: '', sound, transcript: transcript ?? null });
      } finally {
        await discard(spooled);
      }
    } catch (error) {
      throw error instanceof RecordingChanged ? unknownRecording() : error;
    } finally {
      endBeat();
    }
  }

  async #write(path: string, spooled: Spooled): Promise<Pieces> {
    try {
      return await this.#parts.pieces.write(path, readSpooled(spooled));
    } catch (error) {
      if (!isWhospeaksError(error) || error.code !== 'store-unwritable') throw error;
      const why = 'the servers have no room for another recording; send it when others are done';
      throw withStatus(503, new WhospeaksError('server-limit', why, { cause: error }));
    }
  }

  async #giveUp({ record }: OwnedRecord): Promise<void> {
    const { board, pieces } = this.#parts;
    // Out of reach: it goes when it was silent for too long.
    await board.remove(record).catch(() => undefined);
    await pieces.remove(`${keyOf(record)}.>`).catch(() => undefined);
  }

  async #keep(record: RecordingRecord, bytes: Uint8Array): Promise<NonNullable<RecordingRecord['result']>> {
    const name = `result-${randomBytes(8).toString('hex')}`;
    return { ...(await this.#parts.pieces.write(`${keyOf(record)}.${name}`, [bytes])), name };
  }

  async #resultOf(record: RecordingRecord): Promise<JobResult | null> {
    if (record.result === null) return null;
    const path = `${keyOf(record)}.${record.result.name}`;
    const cached = this.#results.get(path);
    if (cached !== undefined) return cached;
    const read: Buffer[] = [];
    for await (const piece of this.#parts.pieces.read(path, record.result)) read.push(piece);
    const result = resultFromJson(Buffer.concat(read));
    this.#results.set(path, result);
    const [oldest] = this.#results.keys();
    if (this.#results.size > CACHED) this.#results.delete(oldest!);
    return result;
  }

  #told(record: RecordingRecord, result: JobResult | null, all: readonly FoundRecording[]): RecordingJob {
    const job = jobOf(record, result);
    if (record.state !== 'queued') return job;
    const records = all.map((each) => each.record);
    const waiting = records.filter(({ state }) => state === 'queued');
    const place = fairOrder(waiting, this.#worker.lastTurn).indexOf(record);
    this.#ahead.set(job, place + records.filter(({ state }) => state === 'running').length);
    return job;
  }

  #assertOpen(): void {
    if (!this.#isClosed) return;
    throw new WhospeaksError('server-draining', 'the server shuts down; send the recording again');
  }
}

function find(found: readonly FoundRecording[], group: string, id: string): FoundRecording {
  const here = found.find(({ record }) => record.group === group && record.id === id);
  if (here === undefined || here.record.state === 'receiving') throw unknownRecording();
  return here;
}
