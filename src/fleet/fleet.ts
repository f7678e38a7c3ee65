import type { KeySource } from '../speakers/store/key-source.js';
import { EventStream, type EventRetention } from './events/event-stream.js';
import { FleetConnection } from './fleet-connection.js';
import { parseFleetUrl } from './fleet-url.js';
import { CapacityBoard, type Member } from './members/capacity-board.js';
import { PieceStream } from './recordings/piece-stream.js';
import { RecordingBoard } from './recordings/recording-board.js';
import { SessionVault } from './sessions/session-vault.js';
import { AuditStream } from './speakers/audit-stream.js';
import { BucketReplica } from './bucket-replica.js';
import { FleetSpeakerStore } from './speakers/fleet-speaker-store.js';

export interface FleetStoreOptions {
  readonly keys: KeySource;
  readonly maxSpeakers?: number | undefined;
  /** How long a removed speaker can be restored; 0: removing erases. */
  readonly trashMs: number;
}

/** What several servers share: one deployment on one NATS. */
export class Fleet {
  readonly connection: FleetConnection;
  readonly #replica: BucketReplica;
  readonly #audit: (group: string) => AuditStream;

  private constructor(
    connection: FleetConnection,
    replica: BucketReplica,
    audit: (group: string) => AuditStream,
  ) {
    this.connection = connection;
    this.#replica = replica;
    this.#audit = audit;
  }

  /**
   * Rejects with `invalid-option`, `file-unreadable`, `fleet-unavailable`, `fleet-unreachable`, `fleet-refused` or
   * `fleet-foreign`.
   */
  static async open(url: string): Promise<Fleet> {
    const connection = await FleetConnection.open(parseFleetUrl(url));
    try {
      const replica = await BucketReplica.open(connection, 'speakers');
      return new Fleet(connection, replica, await AuditStream.open(connection));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** The speakers of a group. */
  speakers(group: string, { keys, maxSpeakers = Infinity, trashMs }: FleetStoreOptions): FleetSpeakerStore {
    return new FleetSpeakerStore({
      connection: this.connection,
      replica: this.#replica,
      audit: this.#audit(group),
      group,
      keys,
      maxSpeakers,
      trashMs,
    });
  }

  /** What the servers hold. @param nowMs a clock that goes forward */
  board(own: () => Member, nowMs: () => number): Promise<CapacityBoard> {
    return CapacityBoard.open(this.connection, own, nowMs);
  }

  events(retention: EventRetention): Promise<EventStream> {
    return EventStream.open(this.connection, retention);
  }

  /**
   * States of sessions, for other servers to go on with.
   *
   * @param keepMs how long one that is not renewed is kept
   * @param maxBytes of all of them
   */
  sessions(keys: KeySource, keepMs: number, maxBytes: number): Promise<SessionVault> {
    return SessionVault.open(this.connection, keys, keepMs, maxBytes);
  }

  /** Whole recordings that wait, are heard, or are done. @param maxBytes of their sound and results */
  async recordings(
    keys: KeySource,
    maxBytes: number,
  ): Promise<{ readonly board: RecordingBoard; readonly pieces: PieceStream }> {
    const pieces = await PieceStream.open(this.connection, keys, maxBytes);
    return { board: await RecordingBoard.open(this.connection, keys), pieces };
  }

  async close(): Promise<void> {
    this.#replica.close();
    await this.connection.close();
  }
}
