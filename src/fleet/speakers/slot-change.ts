import { randomBytes } from 'node:crypto';
import { WhospeaksError } from '../../errors.js';
import type { AuditEntry } from '../../speakers/store/speaker-store.js';
import type { Keys } from '../../speakers/store/sealed.js';
import type { FleetConnection } from '../fleet-connection.js';
import { isConflict } from '../fleet-errors.js';
import { FLEET_SETTINGS } from '../settings.js';
import type { AuditStream } from './audit-stream.js';
import type { BucketReplica } from '../bucket-replica.js';
import type { SlotView } from './group-slots.js';
import { slotToJson, type Change, type Slot } from './slot.js';

/** Somebody else changed it meanwhile. */
export class Crossed extends Error {}

/** Writes slots of one group. Every write says which revision it follows, and is refused (`Crossed`) where another came first. */
export class SlotWriter {
  readonly #connection: FleetConnection;
  readonly #replica: BucketReplica;
  readonly #audit: AuditStream;

  constructor(connection: FleetConnection, replica: BucketReplica, audit: AuditStream) {
    this.#connection = connection;
    this.#replica = replica;
    this.#audit = audit;
  }

  /**
   * Put a slot in the place of what `view` has there, then its line into the audit trail. Returns the new revision. The
   * line before it is written first, where the server that owed it was killed, or NATS had no room for it.
   */
  async write(view: SlotView, key: string, slot: Slot, keys: Keys): Promise<number> {
    const before = view.slots.get(key);
    if (before !== undefined) await this.#audit.append(before.slot.change);
    const revision = await this.#put(key, slot, view.revisionOf(key), keys);
    // What is changed is changed: the slot owes its line, which the trail shows, and nobody is told that it was refused.
    await this.#audit.append(slot.change).catch(() => undefined);
    return revision;
  }

  /** Take the speaker out of a slot, which is elsewhere now: no change of its own. */
  async vacate(view: SlotView, key: string, keys: Keys): Promise<void> {
    const { slot, revision } = view.slots.get(key)!;
    if (slot.removed.length === 0) {
      await this.#audit.append(slot.change);
      await crossing(() => this.#replica.kv.delete(key, { previousSeq: revision }));
      return;
    }
    await this.#put(key, { removed: slot.removed, change: slot.change }, revision, keys);
  }

  /** Put a slot back as it was in `view`, which `revision` took the place of. */
  async takeBack(view: SlotView, key: string, revision: number, keys: Keys): Promise<void> {
    const before = view.slots.get(key);
    if (before === undefined) await this.#replica.kv.delete(key, { previousSeq: revision });
    else await this.#put(key, before.slot, revision, keys);
  }

  /** Leave nothing of a slot, nor of some speakers in the audit trail. */
  async erase(view: SlotView, key: string, ids: readonly string[], entry: Change | undefined): Promise<void> {
    if (entry !== undefined) await this.#audit.append(entry);
    await this.#audit.forget(ids);
    await crossing(() => this.#replica.kv.purge(key, { previousSeq: view.revisionOf(key) }));
  }

  async #put(key: string, slot: Slot, revision: number, keys: Keys): Promise<number> {
    const most = this.#connection.nats.info?.max_payload ?? Infinity;
    let { removed } = slot;
    for (;;) {
      const text = JSON.stringify(slotToJson({ ...slot, removed }));
      const bytes = keys.seal(Buffer.from(text), key);
      if (bytes.length <= most - HEADER_ROOM) {
        return await crossing(() => this.#replica.kv.put(key, bytes, { previousSeq: revision }));
      }
      // The oldest of those that were removed make room.
      if (removed.length > 0) removed = removed.slice(0, -1);
      else throw tooBig(bytes.length, most);
    }
  }
}

/** Room for the subject and headers of a message. */
const HEADER_ROOM = 1024;

/** @param id the speaker's; none where it was erased */
export function changeOf(
  action: AuditEntry['action'],
  id: string | undefined,
  by: string | undefined,
  more: object = {},
): Change {
  const changeId = randomBytes(12).toString('hex');
  return { ...more, changeId, at: new Date().toISOString(), action, ...(id && { id }), ...(by && { by }) };
}

/** Do it again where others crossed it. */
export async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Crossed)) throw error;
      if (tries === FLEET_SETTINGS.mostTries) {
        throw new WhospeaksError('store-locked', 'the speaker is changed by others all the time; try again', {
          cause: error,
        });
      }
    }
  }
}

async function crossing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw isConflict(error) ? new Crossed('changed meanwhile', { cause: error }) : error;
  }
}

function tooBig(bytes: number, most: number): WhospeaksError {
  return new WhospeaksError(
    'store-unwritable',
    `the profile takes ${bytes} bytes, and NATS takes messages of ${most} at most; raise max_payload of nats-server`,
  );
}
