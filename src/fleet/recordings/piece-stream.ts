import { WhospeaksError } from '../../errors.js';
import type { KeySource } from '../../speakers/store/key-source.js';
import type { FleetConnection } from '../fleet-connection.js';
import { readStored } from '../read-stored.js';
import { FLEET_SETTINGS } from '../settings.js';

const PART = 'sound';
/** Room for the subject and headers of a message, and the seal. */
const HEADER_ROOM = 2048;

/** What is kept under a subject, in how many pieces, and how long it is together. */
export interface Pieces {
  readonly pieces: number;
  readonly bytes: number;
}

/**
 * Sound and results, larger than a message of NATS may be: a stream with a subject each, in pieces that are sealed with the store's
 * keys. A full stream takes no more, and loses nothing that it has.
 */
export class PieceStream {
  readonly #connection: FleetConnection;
  readonly #name: string;
  readonly #keys: KeySource;

  private constructor(connection: FleetConnection, name: string, keys: KeySource) {
    this.#connection = connection;
    this.#name = name;
    this.#keys = keys;
  }

  static async open(connection: FleetConnection, keys: KeySource, maxBytes: number): Promise<PieceStream> {
    const { DiscardPolicy } = connection.packages.jetstream;
    const name = await connection.stream(PART, {
      subjects: [connection.subjectOf(PART, '>')],
      max_bytes: maxBytes,
      discard: DiscardPolicy.New,
      max_age: FLEET_SETTINGS.soundSeconds * 1e9,
    });
    return new PieceStream(connection, name, keys);
  }

  /**
   * Keep `bytes` under `path`, which nothing is kept under yet. Rejects with `store-unwritable` where there is no room,
   * `fleet-unreachable`, or as `bytes` throws; then pieces of it may be there.
   */
  async write(path: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Pieces> {
    const { nats, js } = this.#connection;
    const most = Math.min(FLEET_SETTINGS.pieceBytes, (nats.info?.max_payload ?? 1024 * 1024) - HEADER_ROOM);
    const keys = await this.#keys();
    const subject = this.#subjectOf(path);
    const underWay = new Set<Promise<unknown>>();
    let [pieces, total] = [0, 0];
    let failure: { readonly error: unknown } | undefined;
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += most) {
        const piece = chunk.subarray(at, at + most);
        const sealed = keys.seal(piece, labelOf(path, pieces));
        const sent: Promise<unknown> = js
          .publish(subject, sealed)
          .catch((error: unknown) => (failure ??= { error }))
          .finally(() => underWay.delete(sent));
        underWay.add(sent);
        pieces++;
        total += piece.length;
        if (underWay.size >= FLEET_SETTINGS.piecesAtOnce) await Promise.race(underWay);
        if (failure !== undefined) break;
      }
      if (failure !== undefined) break;
    }
    await Promise.all(underWay);
    return this.#connection.ask(() => {
      if (failure !== undefined) throw failure.error;
      return Promise.resolve({ pieces, bytes: total });
    });
  }

  /**
   * What is kept under `path`. Throws `store-corrupt` where a piece is missing, is of another key, or is not sealed where it should
   * be; `fleet-unreachable`.
   */
  async *read(path: string, { pieces, bytes }: Pieces): AsyncGenerator<Buffer> {
    const keys = await this.#keys();
    let [piece, total] = [0, 0];
    const stored = readStored(
      this.#connection,
      this.#name,
      this.#subjectOf(path),
      undefined,
      FLEET_SETTINGS.piecesAtOnce,
    );
    for await (const { data } of stored) {
      const opened = openPiece(keys, Buffer.from(data), labelOf(path, piece));
      piece++;
      total += opened.length;
      yield opened;
    }
    if (piece !== pieces || total !== bytes) throw damaged(`${piece} of ${pieces} pieces are there`);
  }

  /** Everything under a path, and what begins with it. */
  async remove(path: string): Promise<void> {
    const { jsm } = this.#connection;
    await this.#connection.ask(() => jsm.streams.purge(this.#name, { filter: this.#subjectOf(path) }));
  }

  #subjectOf(path: string): string {
    return this.#connection.subjectOf(PART, path);
  }
}

function openPiece(keys: Awaited<ReturnType<KeySource>>, sealed: Buffer, label: string): Buffer {
  try {
    const { bytes, keyId } = keys.open(sealed, label);
    if (keyId === null && keys.currentId !== null) throw new Error('it is not encrypted, and there is a key');
    return bytes;
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}

/** None can stand in another's place. */
function labelOf(path: string, piece: number): string {
  return `${path} ${piece}`;
}

function damaged(why: string): WhospeaksError {
  return new WhospeaksError(
    'store-corrupt',
    `what the fleet keeps of the recording is damaged (${why}); send the recording again`,
  );
}
