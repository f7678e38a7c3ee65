import { WhospeaksError } from '../../errors.js';
import type { Profile } from '../../speakers/profile.js';
import { nameKey } from '../../speakers/speaker-name.js';
import { SealedError, type Keys } from '../../speakers/store/sealed.js';
import type { StoreContents } from '../../speakers/store/store-contents.js';
import { byName } from '../../speakers/store/store-contents.js';
import type { StoreWarning } from '../../speakers/store/store-exposure.js';
import type { Stored } from '../bucket-replica.js';
import { slotFromJson, type Slot } from './slot.js';

export interface OpenSlot {
  readonly key: string;
  readonly revision: number;
  readonly slot: Slot;
  readonly keyId: string | null;
}

/** The slots of a group, of which a value is opened again only where it changed. */
export class GroupSlots {
  readonly #group: string;
  readonly #where: string;
  #known: ReadonlyMap<string, OpenSlot> = new Map();

  constructor(group: string, where: string) {
    this.#group = group;
    this.#where = where;
  }

  /** @throws {WhospeaksError} `store-key` where they are encrypted and no key is given */
  open(stored: ReadonlyMap<string, Stored>, keys: Keys): SlotView {
    const known = new Map<string, OpenSlot>();
    const damaged: { name: string; file: string; reason: string }[] = [];
    const prefix = `${this.#group}.`;
    // What is stored goes on changing: a change is made of what was seen here.
    const revisions = new Map<string, number>();
    for (const [key, { revision, bytes }] of stored) {
      if (!key.startsWith(prefix)) continue;
      revisions.set(key, revision);
      if (bytes === null) continue;
      const before = this.#known.get(key);
      if (before?.revision === revision) {
        known.set(key, before);
        continue;
      }
      try {
        known.set(key, openSlot(key, revision, bytes, keys));
      } catch (error) {
        if (error instanceof SealedError && keys.currentId === null) throw this.#noKey();
        const reason = error instanceof Error ? error.message : String(error);
        damaged.push({ name: key, file: key, reason });
      }
    }
    this.#known = known;
    return new SlotView(known, damaged, revisions, keys.currentId !== null);
  }

  #noKey(): WhospeaksError {
    return new WhospeaksError(
      'store-key',
      `the speakers of fleet ${this.#where} are encrypted; give the key: --key-file, WHOSPEAKS_STORE_KEY_FILE or WHOSPEAKS_STORE_KEY`,
    );
  }
}

/** Open a value anew, so that what comes of it is the caller's own. */
export function openSlot(key: string, revision: number, bytes: Uint8Array, keys: Keys): OpenSlot {
  const { bytes: text, keyId } = keys.open(Buffer.from(bytes), key);
  return { key, revision, slot: slotFromJson(JSON.parse(text.toString('utf8'))), keyId };
}

/** The slots of a group at one moment, and what they come to. */
export class SlotView {
  readonly slots: ReadonlyMap<string, OpenSlot>;
  /** What is stored; `file` is the slot's key. */
  readonly contents: StoreContents;
  readonly warnings: readonly StoreWarning[];
  /** Slots whose speaker is in another one now: see `movedOf`. */
  readonly moved: ReadonlySet<string>;
  readonly #revisions: ReadonlyMap<string, number>;

  constructor(
    slots: ReadonlyMap<string, OpenSlot>,
    damaged: StoreContents['damaged'],
    revisions: ReadonlyMap<string, number>,
    isEncrypted: boolean,
  ) {
    this.slots = slots;
    this.#revisions = revisions;
    this.moved = movedOf(slots);
    const speakers: { file: string; profile: Profile }[] = [];
    for (const { key, slot } of slots.values())
      if (slot.speaker !== undefined && !this.moved.has(key))
        speakers.push({ file: key, profile: slot.speaker });
    this.contents = { stored: byName(speakers), damaged };
    const open = isEncrypted ? [...slots.values()].filter(({ keyId }) => keyId === null).length : 0;
    const message = `${open} speakers of before the key was given are not encrypted; encrypt: whospeaks speakers rotate-key`;
    this.warnings = open === 0 ? [] : [{ code: 'store-unencrypted', message }];
  }

  /** Revision of a key, 0 where it never was. */
  revisionOf(key: string): number {
    return this.#revisions.get(key) ?? 0;
  }

  /** Who may be restored, the last removed first. */
  removed(nowMs: number): {
    readonly key: string;
    readonly profile: Profile;
    readonly removedMs: number;
    readonly untilMs: number;
  }[] {
    return [...this.slots.values()]
      .flatMap(({ key, slot }) => slot.removed.map((each) => ({ key, ...each })))
      .filter(({ untilMs }) => untilMs > nowMs)
      .sort((a, b) => b.removedMs - a.removedMs);
  }

  /** Slots with something whose time is over. */
  due(nowMs: number): OpenSlot[] {
    return [...this.slots.values()].filter(({ slot }) =>
      slot.removed.some(({ untilMs }) => untilMs <= nowMs),
    );
  }

  /** The damaged slot of a name, or of the key that stands for one. */
  damagedKey(name: string, key: string): string | undefined {
    return this.contents.damaged.find(({ file }) => file === key || nameKey(file) === nameKey(name))?.file;
  }
}

/**
 * Renames that a killed server left half done: the speaker is in two slots, and in one of them it does not count. The old
 * slot, unless that was changed meanwhile: then the rename did not happen, and it is the new one.
 */
function movedOf(slots: ReadonlyMap<string, OpenSlot>): Set<string> {
  const moved = new Set<string>();
  for (const { key, slot } of slots.values()) {
    const source = slot.supersedes && slots.get(slot.supersedes.key);
    if (source === undefined || !isOne(source.slot, slot)) continue;
    moved.add(source.revision === slot.supersedes!.revision ? source.key : key);
  }
  return moved;
}

function isOne(a: Slot, b: Slot): boolean {
  return a.speaker !== undefined && a.speaker.id === b.speaker?.id;
}
