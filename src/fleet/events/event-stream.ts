import { randomBytes } from 'node:crypto';
import type { MsgHdrs } from '@nats-io/transport-node';
import type { FleetConnection } from '../fleet-connection.js';
import { FLEET_SETTINGS } from '../settings.js';

const PART = 'events';

/** How long, and how much of, the events of all sessions NATS keeps; the oldest go first. */
export interface EventRetention {
  readonly keepSeconds: number;
  readonly maxBytes: number;
}

/** The stream of all sessions' events: a subject a session, `DEPLOYMENT.events.GROUP.SESSION`. */
export class EventStream {
  readonly connection: FleetConnection;
  readonly name: string;
  /** Of this process: tells its messages from those of other servers. */
  readonly server = randomBytes(8).toString('hex');

  private constructor(connection: FleetConnection, name: string) {
    this.connection = connection;
    this.name = name;
  }

  static async open(
    connection: FleetConnection,
    { keepSeconds, maxBytes }: EventRetention,
  ): Promise<EventStream> {
    const name = await connection.stream(PART, {
      subjects: [connection.subjectOf(PART, '>')],
      max_age: keepSeconds * 1e9,
      max_bytes: maxBytes,
      duplicate_window: Math.min(keepSeconds, FLEET_SETTINGS.duplicateSeconds) * 1e9,
    });
    return new EventStream(connection, name);
  }

  /** What a message says of who wrote it. */
  headers(): MsgHdrs {
    const headers = this.connection.packages.transport.headers();
    headers.set('Whospeaks-Server', this.server);
    return headers;
  }

  subjectOf(group: string, session: string): string {
    return this.connection.subjectOf(PART, group, session);
  }
}
