import type { KeySource } from '../speakers/store/key-source.js';
import { FleetConnection } from './fleet-connection.js';
import { parseFleetUrl } from './fleet-url.js';
import { AuditStream } from './speakers/audit-stream.js';
import { BucketReplica } from './speakers/bucket-replica.js';
import { FleetSpeakerStore } from './speakers/fleet-speaker-store.js';

export interface FleetStoreOptions {
  readonly keys: KeySource;
  readonly maxSpeakers?: number | undefined;
  readonly trashMs: number;
}

/** What several servers share: one deployment on one NATS. */
export class Fleet {
  readonly connection: FleetConnection;
  #replica: Promise<BucketReplica> | undefined;

  private constructor(connection: FleetConnection) {
    this.connection = connection;
  }

  /** Rejects with `invalid-option`, `file-unreadable`, `fleet-unavailable`, `fleet-unreachable` or `fleet-refused`. */
  static async open(url: string): Promise<Fleet> {
    return new Fleet(await FleetConnection.open(parseFleetUrl(url)));
  }

  /** The speakers of a group. Rejects with `fleet-foreign`, or as above. */
  async speakers(
    group: string,
    { keys, maxSpeakers = Infinity, trashMs }: FleetStoreOptions,
  ): Promise<FleetSpeakerStore> {
    const { connection } = this;
    this.#replica ??= BucketReplica.open(connection, 'speakers');
    const replica = await this.#replica;
    const audit = await AuditStream.open(connection, group);
    return new FleetSpeakerStore({ connection, replica, audit, group, keys, maxSpeakers, trashMs });
  }

  async close(): Promise<void> {
    (await this.#replica?.catch(() => undefined))?.close();
    await this.connection.close();
  }
}
