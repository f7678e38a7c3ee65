import { BucketReplica, type Stored } from '../bucket-replica.js';
import type { KeySource } from '../../speakers/store/key-source.js';
import type { FleetConnection } from '../fleet-connection.js';
import { isConflict } from '../fleet-errors.js';
import { FLEET_SETTINGS } from '../settings.js';
import { readRecording, writeRecording, type RecordingRecord } from './recording-record.js';

const PART = 'recordings';

/** A record as it was found, and what a change of it follows. */
export interface FoundRecording {
  readonly record: RecordingRecord;
  readonly revision: number;
}

/** Somebody else changed or removed the record meanwhile. */
export class RecordingChanged extends Error {}

interface Read {
  readonly revision: number;
  /** Null: deleted, or none of ours. */
  readonly record: RecordingRecord | null;
}

/**
 * The recordings of a fleet: a bucket with a record each, sealed with the store's keys. Each change says which revision it follows, so
 * that of two servers that change one at once, one is told so.
 */
export class RecordingBoard {
  readonly #connection: FleetConnection;
  readonly #replica: BucketReplica;
  readonly #keys: KeySource;
  readonly #read = new Map<string, Read>();
  /** When each was seen deleted, ms on this process's clock. */
  readonly #gone = new Map<string, number>();

  private constructor(connection: FleetConnection, replica: BucketReplica, keys: KeySource) {
    this.#connection = connection;
    this.#replica = replica;
    this.#keys = keys;
  }

  static async open(connection: FleetConnection, keys: KeySource): Promise<RecordingBoard> {
    const options = { max_bytes: FLEET_SETTINGS.recordBytes };
    return new RecordingBoard(connection, await BucketReplica.open(connection, PART, options), keys);
  }

  /** Called when one changed. Returns how to end it. */
  onChange(listener: () => void): () => void {
    return this.#replica.onChange(listener);
  }

  /** All that were written before the call, by whichever server. Rejects with `fleet-unreachable`. */
  async current(): Promise<FoundRecording[]> {
    return this.#open(await this.#replica.current());
  }

  /** All, as far as this server knows. */
  known(): Promise<FoundRecording[]> {
    return this.#open(this.#replica.known);
  }

  /** @returns the new revision. Rejects with `RecordingChanged` where the record is not of `revision` (0: there is none) any more. */
  async put(record: RecordingRecord, revision: number): Promise<number> {
    const key = keyOf(record);
    const sealed = (await this.#keys()).seal(writeRecording(record), key);
    return this.#connection.ask(() =>
      this.#replica.kv.put(key, sealed, { previousSeq: revision }).catch(changed),
    );
  }

  /** @param revision where it is to be of this one still; rejects with `RecordingChanged` then */
  async remove(record: RecordingRecord, revision?: number): Promise<void> {
    const follows = revision === undefined ? {} : { previousSeq: revision };
    await this.#connection.ask(() => this.#replica.kv.delete(keyOf(record), follows).catch(changed));
  }

  /** Call now and then: what says that one was deleted needs no room for long. @param nowMs a clock that goes forward */
  async tidy(nowMs: number): Promise<void> {
    for (const [key, atMs] of this.#gone) {
      const { revision = Infinity } = this.#replica.known.get(key) ?? {};
      // A bucket keeps its newest change: whoever reads it anew waits for that.
      if (nowMs - atMs < FLEET_SETTINGS.goneMs || revision >= this.#replica.revision) continue;
      this.#gone.delete(key);
      const filter = `$KV.${this.#connection.nameOf(PART)}.${key}`;
      const stream = `KV_${this.#connection.nameOf(PART)}`;
      await this.#connection.ask(() => this.#connection.jsm.streams.purge(stream, { filter }));
      this.#replica.forget(key);
    }
    for (const [key, { bytes }] of this.#replica.known) {
      if (bytes === null && !this.#gone.has(key)) this.#gone.set(key, nowMs);
    }
  }

  close(): void {
    this.#replica.close();
  }

  async #open(stored: ReadonlyMap<string, Stored>): Promise<FoundRecording[]> {
    const keys = await this.#keys();
    const found: FoundRecording[] = [];
    for (const [key, { revision, bytes }] of stored) {
      let read = this.#read.get(key);
      if (read?.revision !== revision) {
        read = { revision, record: bytes === null ? null : recordOf(keys, key, bytes) };
        this.#read.set(key, read);
      }
      const { record } = read;
      if (record !== null)
        found.push({ record: record.order === 0 ? { ...record, order: revision } : record, revision });
    }
    if (this.#read.size > stored.size) {
      for (const key of this.#read.keys()) if (!stored.has(key)) this.#read.delete(key);
    }
    return found;
  }
}

/** Null where it is none, of another version, of other keys, or not sealed where it should be: anybody could have written it. */
function recordOf(
  keys: Awaited<ReturnType<KeySource>>,
  key: string,
  sealed: Uint8Array,
): RecordingRecord | null {
  try {
    const { bytes, keyId } = keys.open(Buffer.from(sealed), key);
    if (keyId === null && keys.currentId !== null) return null;
    const record = readRecording(bytes);
    return record !== undefined && keyOf(record) === key ? record : null;
  } catch {
    return null;
  }
}

export function keyOf({ group, id }: Pick<RecordingRecord, 'group' | 'id'>): string {
  return `${group}.${id}`;
}

function changed(error: unknown): never {
  throw isConflict(error) ? new RecordingChanged('it was changed meanwhile', { cause: error }) : error;
}
