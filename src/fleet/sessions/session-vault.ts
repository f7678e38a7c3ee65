import { createHash, randomBytes } from 'node:crypto';
import type { KV } from '@nats-io/kv';
import { z } from 'zod';
import type { KeySource } from '../../speakers/store/key-source.js';
import type { FleetConnection } from '../fleet-connection.js';
import { isConflict } from '../fleet-errors.js';

const PART = 'sessions';
/** Room for the subject and headers of a message. */
const HEADER_ROOM = 2048;

/** What is under a session's own key: in how many pieces the record is, under which keys, and their SHA-256. */
const indexSchema = z.object({ pieces: z.array(z.string().max(300)), hash: z.string().max(64) });

/** Another server has the session. */
export class SessionTaken extends Error {}

/** A record as it was found, and what a change of it follows. */
export interface FoundRecord {
  readonly bytes: Buffer;
  readonly revision: number;
}

/**
 * Records of sessions in a bucket, each in pieces that fit into messages of NATS, sealed with the store's keys. The pieces are
 * written first, then the index with the revision that it follows: one server at a time has a session. NATS forgets what is not
 * renewed.
 */
export class SessionVault {
  readonly #connection: FleetConnection;
  readonly #kv: KV;
  readonly #keys: KeySource;
  readonly #owner = randomBytes(6).toString('hex');
  /** Which set of pieces each session's next record has. */
  readonly #sets = new Map<string, number>();

  private constructor(connection: FleetConnection, kv: KV, keys: KeySource) {
    this.#connection = connection;
    this.#kv = kv;
    this.#keys = keys;
  }

  /**
   * @param keepMs how long a record that is not renewed is kept
   * @param maxBytes of all records; a full bucket takes no more, and streams go on without
   */
  static async open(
    connection: FleetConnection,
    keys: KeySource,
    keepMs: number,
    maxBytes: number,
  ): Promise<SessionVault> {
    const kv = await connection.bucket(PART, { ttl: keepMs, max_bytes: maxBytes });
    return new SessionVault(connection, kv, keys);
  }

  /** @returns the new revision. Rejects with `SessionTaken` where the record is not of `revision` any more. */
  async put(key: string, bytes: Uint8Array, revision: number): Promise<number> {
    const sealed = (await this.#keys()).seal(bytes, key);
    const most = (this.#connection.nats.info?.max_payload ?? 1024 * 1024) - HEADER_ROOM;
    // Another set of pieces than that of the index that is there, which stays until the next one is.
    const number = this.#sets.get(key) ?? 0;
    // Whether an index is there whose answer was lost is not known: its set stays too.
    this.#sets.set(key, number + 1);
    const set = `${this.#prefixOf(key)}${number}`;
    const pieces: string[] = [];
    for (let at = 0; at < sealed.length; at += most) {
      const piece = `${set}.${pieces.length}`;
      await this.#kv.put(piece, sealed.subarray(at, at + most));
      pieces.push(piece);
    }
    const written = await this.#putIndex(key, JSON.stringify({ pieces, hash: hashOf(sealed) }), revision);
    this.#sets.set(key, number === 0 ? 1 : 0);
    return written;
  }

  async #putIndex(key: string, index: string, revision: number): Promise<number> {
    try {
      return await this.#kv.put(key, index, { previousSeq: revision });
    } catch (error) {
      if (!isConflict(error)) throw error;
      const mine = await this.#revisionOfMine(key);
      if (mine === undefined || mine === revision) throw taken(error);
      try {
        return await this.#kv.put(key, index, { previousSeq: mine });
      } catch (again) {
        throw isConflict(again) ? taken(again) : again;
      }
    }
  }

  /**
   * Revision of the index where this server wrote it, though the answer was lost; 0 where NATS keeps none any more, which is no
   * other server's; undefined where it is another's, or was forgotten.
   */
  async #revisionOfMine(key: string): Promise<number | undefined> {
    const entry = await this.#kv.get(key);
    if (entry === null) return 0;
    const index = entry.operation === 'PUT' ? indexSchema.safeParse(jsonOf(entry.string())) : undefined;
    const isMine = index?.data?.pieces.every((piece) => piece.startsWith(this.#prefixOf(key))) ?? false;
    return isMine ? entry.revision : undefined;
  }

  #prefixOf(key: string): string {
    return `${key}.${this.#owner}.`;
  }

  /** Undefined where there is none, or it is damaged, of other keys, or not sealed where it should be: anybody could have written it. */
  async get(key: string): Promise<FoundRecord | undefined> {
    // A record that is written anew meanwhile may be read half.
    return (await this.#read(key)) ?? this.#read(key);
  }

  async #read(key: string): Promise<FoundRecord | undefined> {
    const entry = await this.#kv.get(key);
    if (entry?.operation !== 'PUT') return undefined;
    const index = indexSchema.safeParse(jsonOf(entry.string()));
    if (!index.success) return undefined;
    const pieces: Uint8Array[] = [];
    for (const piece of index.data.pieces) {
      const found = await this.#kv.get(piece);
      if (found?.operation !== 'PUT') return undefined;
      pieces.push(found.value);
    }
    const sealed = Buffer.concat(pieces);
    if (hashOf(sealed) !== index.data.hash) return undefined;
    try {
      const keys = await this.#keys();
      const { bytes, keyId } = keys.open(sealed, key);
      if (keyId === null && keys.currentId !== null) return undefined;
      return { bytes, revision: entry.revision };
    } catch {
      return undefined;
    }
  }

  /** Forget a session, unless another server has it now. The pieces go with their time. */
  async forget(key: string): Promise<void> {
    this.#sets.delete(key);
    const mine = await this.#revisionOfMine(key);
    if (mine !== undefined && mine > 0) await this.#kv.purge(key, { previousSeq: mine });
  }
}

function taken(cause: unknown): SessionTaken {
  return new SessionTaken('another server has the session', { cause });
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
