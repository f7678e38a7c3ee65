import { isConflict } from '../fleet-errors.js';
import type { FleetConnection } from '../fleet-connection.js';
import { readStored } from '../read-stored.js';
import type { Change } from './slot.js';

const PART = 'audit';
const ERASED = 'erased';

/**
 * The audit trail: a stream with a subject a speaker, `DEPLOYMENT.audit.GROUP.ID`, so that a speaker's lines can be erased.
 */
export class AuditStream {
  readonly #connection: FleetConnection;
  readonly #group: string;
  readonly #stream: string;

  private constructor(connection: FleetConnection, group: string, stream: string) {
    this.#connection = connection;
    this.#group = group;
    this.#stream = stream;
  }

  /** Make the stream of all groups where it is not there; returns what opens that of a group. */
  static async open(connection: FleetConnection): Promise<(group: string) => AuditStream> {
    const stream = await connection.stream(PART, { subjects: [connection.subjectOf(PART, '>')] });
    return (group) => new AuditStream(connection, group, stream);
  }

  /** Write a line, once: nothing happens where it is the last one of its speaker already. */
  async append(change: Change): Promise<void> {
    const { js, jsm } = this.#connection;
    const subject = this.#subjectOf(change.id);
    const last = await jsm.streams.getMessage(this.#stream, { last_by_subj: subject });
    if (last?.header.get('Nats-Msg-Id') === change.changeId) return;
    const expect = change.id === undefined ? {} : { lastSubjectSequence: last?.seq ?? 0 };
    try {
      await js.publish(subject, JSON.stringify(change), { msgID: change.changeId, expect });
    } catch (error) {
      // Another wrote the same line of the same change: each line names its own, and readers take it once.
      if (!isConflict(error)) throw error;
      await js.publish(subject, JSON.stringify(change), { msgID: change.changeId });
    }
  }

  /** The oldest first, each once. */
  async read(): Promise<Change[]> {
    const found = new Map<string, Change>();
    for await (const message of readStored(this.#connection, this.#stream, this.#subjectOf('>'))) {
      const change = message.json<Change>();
      if (!found.has(change.changeId)) found.set(change.changeId, change);
    }
    return [...found.values()];
  }

  /** Erase the lines of some speakers. */
  async forget(ids: readonly string[]): Promise<void> {
    for (const id of new Set(ids))
      await this.#connection.jsm.streams.purge(this.#stream, { filter: this.#subjectOf(id) });
  }

  #subjectOf(id: string | undefined): string {
    return this.#connection.subjectOf(PART, this.#group, id ?? ERASED);
  }
}
