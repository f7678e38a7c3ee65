import { findRemoved, removedSpeaker } from '../../speakers/store/removed-speakers.js';
import { randomBytes } from 'node:crypto';
import type { Profile } from '../../speakers/profile.js';
import { nameKey } from '../../speakers/speaker-name.js';
import type { KeySource } from '../../speakers/store/key-source.js';
import type { Keys } from '../../speakers/store/sealed.js';
import type {
  AuditEntry,
  DeleteOptions,
  ProfileList,
  PutOptions,
  RemovedSpeaker,
  SpeakerStore,
} from '../../speakers/store/speaker-store.js';
import { assertFree, assertRoom, find, notFound } from '../../speakers/store/store-contents.js';
import { placeOf, putAction } from '../../speakers/store/store-put.js';
import type { FleetConnection } from '../fleet-connection.js';
import { FLEET_SETTINGS } from '../settings.js';
import type { AuditStream } from './audit-stream.js';
import type { BucketReplica } from '../bucket-replica.js';
import { GroupSlots, openSlot, type SlotView } from './group-slots.js';
import { again, changeOf, Crossed, SlotWriter } from './slot-change.js';
import { slotKey, type Removed, type Slot } from './slot.js';

export interface FleetStoreParts {
  readonly connection: FleetConnection;
  /** All groups': one a process. */
  readonly replica: BucketReplica;
  readonly audit: AuditStream;
  readonly group: string;
  readonly keys: KeySource;
  readonly maxSpeakers: number;
  /** How long a removed speaker can be restored; 0: removing erases. */
  readonly trashMs: number;
}

/** Speakers of one group in a bucket of NATS, for any number of servers: one value a name, each change of it with the revision it follows. */
export class FleetSpeakerStore implements SpeakerStore {
  readonly group: string;
  readonly #parts: FleetStoreParts;
  readonly #slots: GroupSlots;
  readonly #writer: SlotWriter;

  constructor(parts: FleetStoreParts) {
    this.group = parts.group;
    this.#parts = parts;
    this.#slots = new GroupSlots(parts.group, parts.connection.where);
    this.#writer = new SlotWriter(parts.connection, parts.replica, parts.audit);
  }

  async list(): Promise<ProfileList> {
    const { contents, warnings } = await this.#view();
    return {
      profiles: contents.stored.map(({ profile }) => profile),
      damaged: [...contents.damaged],
      warnings: [...warnings],
    };
  }

  /** A copy, the caller's own. */
  async get(name: string): Promise<Profile> {
    const keys = await this.#parts.keys();
    const { file } = find(this.#named(await this.#view(keys), name).contents, name);
    const { bytes, revision } = (await this.#parts.replica.current()).get(file) ?? {
      bytes: null,
      revision: 0,
    };
    const fresh = bytes === null ? undefined : openSlot(file, revision, bytes, keys).slot.speaker;
    if (fresh !== undefined) return fresh;
    throw notFound((await this.#view(keys)).contents, name);
  }

  async put(
    profile: Profile,
    { replaces, by }: PutOptions = {},
  ): Promise<{ readonly profile: Profile; readonly replaced: boolean }> {
    return this.#change(async (view, keys) => {
      const place = typeof replaces === 'object' ? replaces.name : (replaces ?? profile.name);
      const { contents } = this.#named(view, place);
      const { name, there } = await placeOf(contents, profile, replaces, (stored) => Promise.resolve(stored));
      const before = there !== undefined && 'profile' in there ? there.profile : undefined;
      if (there === undefined)
        assertRoom(contents.stored.length + contents.damaged.length, 1, this.#parts.maxSpeakers);
      const id = before?.id ?? newId();
      const put = { ...profile, name, id, createdAt: profile.createdAt ?? new Date().toISOString() };
      const { action, ...more } = putAction(before, put).entry;
      const key = slotKey(this.group, name);
      const source = there === undefined || there.file === key ? undefined : there.file;
      const slot: Slot = {
        speaker: put,
        removed: view.slots.get(key)?.slot.removed ?? [],
        ...(source === undefined ? {} : { supersedes: { key: source, revision: view.revisionOf(source) } }),
        change: changeOf(action, id, by, more),
      };
      const revision = await this.#writer.write(view, key, slot, keys);
      if (source !== undefined) await this.#leave(view, source, { key, revision }, keys);
      return { profile: put, replaced: there !== undefined };
    });
  }

  /** What is erased is gone from the bucket and the audit trail when this resolves; NATS frees its room on the disk later. */
  async delete(name: string, { erase = this.#parts.trashMs === 0, by }: DeleteOptions = {}): Promise<void> {
    await this.#change(async (view, keys) => {
      const key = this.#keyOf(view, name);
      const slot = view.slots.get(key)?.slot;
      const isDamaged = view.contents.damaged.some(({ file }) => file === key);
      const isThere = slot?.speaker !== undefined && !view.moved.has(key);
      if (!isThere && !isDamaged && (!erase || slot === undefined)) throw notFound(view.contents, name);
      // Of a damaged one nothing can be kept.
      if (erase || isDamaged || slot?.speaker === undefined) {
        const ids = [slot?.speaker?.id, ...(slot?.removed ?? []).map(({ id }) => id)].filter(
          (id) => id !== undefined,
        );
        await this.#writer.erase(view, key, ids, changeOf(erase ? 'erase' : 'remove', undefined, by));
        return;
      }
      const { id = newId(), ...profile } = slot.speaker;
      const removedMs = Date.now();
      const removed: Removed = {
        id,
        profile,
        removedMs,
        untilMs: Math.ceil(removedMs + this.#parts.trashMs),
      };
      const kept = [removed, ...slot.removed].slice(0, FLEET_SETTINGS.mostRemoved);
      await this.#writer.write(view, key, { removed: kept, change: changeOf('remove', id, by) }, keys);
    });
  }

  async removed(): Promise<RemovedSpeaker[]> {
    return (await this.#view())
      .removed(Date.now())
      .map(({ profile, removedMs, untilMs }) => removedSpeaker(profile.name, removedMs, untilMs));
  }

  restore(name: string, { by }: { readonly by?: string | undefined } = {}): Promise<Profile> {
    return this.#change(async (view, keys) => {
      const found = findRemoved(view.removed(Date.now()), name);
      const { key, profile } = found;
      assertFree(view.contents, profile.name);
      assertRoom(view.contents.stored.length + view.contents.damaged.length, 1, this.#parts.maxSpeakers);
      const removed = view.slots
        .get(key)!
        .slot.removed.filter(({ removedMs }) => removedMs !== found.removedMs);
      const slot = { speaker: profile, removed, change: changeOf('restore', profile.id, by) };
      await this.#writer.write(view, key, slot, keys);
      return profile;
    });
  }

  watch(onChange: () => void): () => void {
    const prefix = `${this.group}.`;
    const end = this.#parts.replica.onChange((key) => {
      if (key.startsWith(prefix)) onChange();
    });
    // What fails is done by another server, or the next time.
    const timer = setInterval(
      () => void this.#tidy().catch(() => undefined),
      FLEET_SETTINGS.retentionMs,
    ).unref();
    return () => {
      clearInterval(timer);
      end();
    };
  }

  async audit(name?: string): Promise<AuditEntry[]> {
    const view = await this.#view();
    const names = new Map<string | undefined, string>();
    for (const { slot } of view.slots.values())
      for (const { id, profile } of slot.removed) names.set(id, profile.name);
    for (const { profile } of view.contents.stored) names.set(profile.id, profile.name);
    const lines = await this.#parts.connection.ask(() => this.#parts.audit.read());
    const written = new Set(lines.map(({ changeId }) => changeId));
    // Lines that a killed server owes.
    const owed = [...view.slots.values()]
      .map(({ slot }) => slot.change)
      .filter(({ changeId }) => !written.has(changeId));
    const entries = [...lines, ...owed].map(({ changeId: _, ...entry }) => ({
      ...entry,
      name: names.get(entry.id),
    }));
    if (name === undefined) return entries;
    const own = entries.filter((entry) => entry.name !== undefined && nameKey(entry.name) === nameKey(name));
    if (own.length === 0) find(view.contents, name);
    return own;
  }

  /** Encrypt every value anew with the first key. Returns how many were, and which could not be opened. */
  async reseal(): Promise<{ readonly resealed: number; readonly failed: readonly string[] }> {
    const keys = await this.#parts.keys();
    const { contents, slots } = await this.#view(keys);
    let resealed = 0;
    for (const { key } of slots.values()) {
      await this.#change(async (view, current) => {
        const now = view.slots.get(key);
        if (now === undefined || now.keyId === current.currentId) return;
        await this.#writer.write(view, key, now.slot, current);
        resealed++;
      });
    }
    return { resealed, failed: contents.damaged.map(({ file, reason }) => `${file} (${reason})`) };
  }

  /** The old slot of a speaker that was renamed. Where it was changed meanwhile, the rename did not happen. */
  async #leave(
    view: SlotView,
    source: string,
    target: { key: string; revision: number },
    keys: Keys,
  ): Promise<void> {
    try {
      if (view.slots.has(source)) await this.#writer.vacate(view, source, keys);
      else await this.#writer.erase(view, source, [], undefined);
    } catch (error) {
      if (error instanceof Crossed) await this.#writer.takeBack(view, target.key, target.revision, keys);
      throw error;
    }
  }

  /** Drop what is kept no longer. */
  async #tidy(): Promise<void> {
    const nowMs = Date.now();
    for (const { key } of (await this.#view()).due(nowMs)) {
      await this.#change(async (view, keys) => {
        const now = view.slots.get(key);
        const over = now?.slot.removed.filter(({ untilMs }) => untilMs <= nowMs) ?? [];
        if (now === undefined || over.length === 0) return;
        const ids = over.map(({ id }) => id);
        const removed = now.slot.removed.filter((each) => !over.includes(each));
        if (now.slot.speaker === undefined && removed.length === 0) {
          await this.#writer.erase(view, key, ids, undefined);
          return;
        }
        await this.#writer.write(view, key, { ...now.slot, removed }, keys);
        const left = [now.slot.speaker?.id, ...removed.map(({ id }) => id)];
        await this.#parts.audit.forget(ids.filter((id) => !left.includes(id)));
      });
    }
  }

  async #view(keys?: Keys): Promise<SlotView> {
    const known = keys ?? (await this.#parts.keys());
    return this.#slots.open(await this.#parts.replica.current(), known);
  }

  /** Change something as it is at that moment; again where another crossed it. */
  #change<Result>(work: (view: SlotView, keys: Keys) => Promise<Result>): Promise<Result> {
    return this.#parts.connection.ask(() =>
      again(async () => {
        const keys = await this.#parts.keys();
        let view = await this.#view(keys);
        if (view.moved.size > 0) {
          for (const key of view.moved) await this.#writer.vacate(view, key, keys);
          view = await this.#view(keys);
        }
        return work(view, keys);
      }),
    );
  }

  #keyOf(view: SlotView, name: string): string {
    const key = slotKey(this.group, name);
    return view.damagedKey(name, key) ?? key;
  }

  /** With the damaged slot of a name under that name, which the slot itself cannot tell. */
  #named(view: SlotView, name: string): Pick<SlotView, 'contents'> {
    const key = slotKey(this.group, name);
    const { stored, damaged } = view.contents;
    return {
      contents: { stored, damaged: damaged.map((each) => (each.file === key ? { ...each, name } : each)) },
    };
  }
}

function newId(): string {
  return randomBytes(8).toString('hex');
}
