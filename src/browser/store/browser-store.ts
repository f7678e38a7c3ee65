import { findRemoved, removedSpeaker } from '../../speakers/store/removed-speakers.js';
import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import type { ImportOptions } from '../../speakers/index.js';
import type { Profile } from '../../speakers/profile.js';
import { profileToJson } from '../../speakers/profile-file.js';
import { nameKey } from '../../speakers/speaker-name.js';
import { exportOf, importSchema, importSteps, parseExport } from '../../speakers/store/exported.js';
import type {
  AuditEntry,
  DeleteOptions,
  KeptRecording,
  ProfileList,
  PutOptions,
  RemovedSpeaker,
  SpeakerStore,
} from '../../speakers/store/speaker-store.js';
import { assertFree, assertRoom, fileOf, find, notFound } from '../../speakers/store/store-contents.js';
import { placeOf, putAction } from '../../speakers/store/store-put.js';
import { tellChange, watchChanges } from './change-notices.js';
import { Database, type RowChange } from './database.js';
import {
  auditSchema,
  isOver,
  randomId,
  RECORDING_LABEL,
  recordingKey,
  SPEAKER_LABEL,
  trashKey,
  untilOf,
  type AuditRow,
  type Contents,
} from './rows.js';
import { withLock } from './store-lock.js';
import { StoreReader } from './store-reader.js';
import { Vault, type Sealed } from './vault.js';

const DAY_MS = 24 * 3600 * 1000;
/** A change is made anew where the user deletes the site's data just then. */
const MAX_TRIES = 3;

const schema = z.strictObject({
  name: z.string().min(1).default('whospeaks-speakers'),
  lockWaitMs: z.number().min(0).max(600_000).default(15_000),
  maxSpeakers: z.int().min(1).optional(),
  trashDays: z.number().min(0).max(3650).default(7),
});

export interface BrowserStoreOptions {
  /** Name of the IndexedDB database; default `whospeaks-speakers`. */
  readonly name?: string | undefined;
  /** How long to wait for another tab that writes, ms; default 15000. */
  readonly lockWaitMs?: number | undefined;
  /** Speakers that the store may hold; default: as many as there is room for. */
  readonly maxSpeakers?: number | undefined;
  /** Days that a speaker that was removed can be restored; default 7. 0: removing erases. */
  readonly trashDays?: number | undefined;
}

/** What is done with the rows of speakers: those that are written, and what the audit trail says of it. */
interface Change {
  readonly rows: RowChange[];
  readonly entries: readonly AuditRow[];
}

/**
 * A `SpeakerStore` in IndexedDB, for a page that keeps voices itself. Everything but the audit trail is encrypted with a key that
 * no script can read. Each change is one transaction; tabs and workers of one origin may use one store.
 *
 * What `list` returns is shared and must not be changed. Methods reject with `store-unwritable` where the browser keeps nothing or
 * has no room, `store-locked`, `store-corrupt`, `store-full`, `speaker-name`, `speaker-exists`, `speaker-changed` or
 * `speaker-not-found`.
 */
export class BrowserStore implements SpeakerStore {
  readonly name: string;
  readonly maxSpeakers: number;
  readonly #database: Database;
  readonly #vault: Vault;
  readonly #reader: StoreReader;
  readonly #waitMs: number;
  readonly #trashMs: number;

  constructor(options?: BrowserStoreOptions) {
    const { name, lockWaitMs, maxSpeakers, trashDays } = parseOptions('BrowserStore', schema, options);
    this.name = name;
    this.maxSpeakers = maxSpeakers ?? Infinity;
    this.#waitMs = lockWaitMs;
    this.#trashMs = trashDays * DAY_MS;
    this.#database = new Database(name);
    this.#vault = new Vault(this.#database);
    this.#reader = new StoreReader(this.#database, this.#vault);
  }

  async list(): Promise<ProfileList> {
    const { stored, damaged } = await this.#reader.read();
    return { profiles: stored.map(({ profile }) => profile), damaged: [...damaged], warnings: [] };
  }

  /** A copy, the caller's own. */
  async get(name: string): Promise<Profile> {
    return find(await this.#reader.read(true), name).profile;
  }

  async put(
    profile: Profile,
    { replaces, recordings, by }: PutOptions = {},
  ): Promise<{ readonly profile: Profile; readonly replaced: boolean }> {
    return this.#change(async (contents) => {
      const { name, there } = await placeOf(contents, profile, replaces, (each) => Promise.resolve(each));
      this.#assertRoom(contents, there === undefined ? 1 : 0);
      const id = there?.file ?? randomId();
      const put = { ...profile, name, id, createdAt: profile.createdAt ?? now() };
      const before = there !== undefined && 'profile' in there ? there : undefined;
      const { entry, isSameVoice } = putAction(before?.profile, put);
      const kept = isSameVoice && recordings === undefined ? (before?.audio ?? []) : undefined;
      const rows = await this.#speakerRows(id, put, kept ?? recordings ?? [], before?.audio ?? []);
      const result = { profile: put, replaced: there !== undefined };
      return { rows, entries: [{ at: now(), ...entry, file: id, by }], result };
    });
  }

  /** Remove a speaker, damaged or not. The profile stays in the trash for a time; with `erase`, nothing of the speaker is left. */
  async delete(name: string, { erase = this.#trashMs === 0, by }: DeleteOptions = {}): Promise<void> {
    await this.#change(async (contents) => {
      const key = nameKey(name);
      const id = fileOf(contents, name);
      const trashed = contents.trashed.filter(
        ({ row, profile }) => nameKey(profile?.name ?? row.id) === key || row.id === id,
      );
      if (id === undefined && (!erase || trashed.length === 0)) throw notFound(contents, name);
      if (!erase) {
        const removedMs = Date.now();
        const row = { ...contents.rows.get(id!)!, removedMs, untilMs: Math.ceil(removedMs + this.#trashMs) };
        const rows: RowChange[] = [
          { table: 'speakers', remove: id! },
          { table: 'trash', put: row, key: trashKey(row) },
        ];
        return { rows, entries: [{ at: now(), action: 'remove', file: id, by }], result: undefined };
      }
      const ids = new Set(trashed.map(({ row }) => row.id));
      if (id !== undefined) ids.add(id);
      const audio = [
        ...trashed.flatMap((each) => each.audio),
        ...(contents.stored.find(({ file }) => file === id)?.audio ?? []),
      ];
      const rows: RowChange[] = [
        ...(id === undefined ? [] : [{ table: 'speakers' as const, remove: id }]),
        ...trashed.map(({ row }) => ({ table: 'trash' as const, remove: trashKey(row) })),
        ...audio.map((recording) => ({ table: 'recordings' as const, remove: recording })),
        ...(await this.#trail())
          .filter(({ entry }) => entry.file !== undefined && ids.has(entry.file))
          .map(({ key: line }) => ({ table: 'audit' as const, remove: line })),
      ];
      return { rows, entries: [{ at: now(), action: 'erase', by }], result: undefined };
    });
  }

  async removed(): Promise<RemovedSpeaker[]> {
    const { trashed } = await this.#reader.read();
    return trashed
      .filter(({ row }) => row.untilMs > Date.now())
      .map(({ row, profile }) => removedSpeaker(profile?.name ?? row.id, row.removedMs, row.untilMs));
  }

  async restore(name: string, { by }: { readonly by?: string | undefined } = {}): Promise<Profile> {
    return this.#change((contents) => {
      const due = contents.trashed.filter(({ row }) => row.untilMs > Date.now());
      const found = findRemoved(due, name);
      assertFree(contents, found.profile.name);
      this.#assertRoom(contents, 1);
      const { id, iv, data } = found.row;
      const rows: RowChange[] = [
        { table: 'trash', remove: trashKey(found.row) },
        { table: 'speakers', put: { id, iv, data }, key: id },
      ];
      const entries = [{ at: now(), action: 'restore' as const, file: id, by }];
      return Promise.resolve({ rows, entries, result: found.profile });
    });
  }

  async recordings(name: string): Promise<KeptRecording[]> {
    const { audio = [] } = find(await this.#reader.read(), name);
    const due = audio.filter((key) => !isOver(key, Date.now()));
    const kept: KeptRecording[] = [];
    for (const key of due) {
      const { row } = await this.#database.read<{ row: Sealed | undefined }>(['recordings'], (table) => ({
        row: table('recordings').get(key) as IDBRequest<Sealed | undefined>,
      }));
      if (row === undefined) continue;
      const ms = untilOf(key);
      const until = ms === 0 ? {} : { until: new Date(ms).toISOString() };
      kept.push({ bytes: await this.#vault.open(row, RECORDING_LABEL + key), ...until });
    }
    return kept;
  }

  watch(onChange: () => void): () => void {
    return watchChanges(this.name, async () => (await this.#reader.read()).revision, onChange);
  }

  async audit(name?: string): Promise<AuditEntry[]> {
    const contents = await this.#reader.read();
    const names = new Map<string | undefined, string | undefined>([
      ...contents.trashed.map(({ row, profile }) => [row.id, profile?.name] as const),
      ...contents.stored.map(({ file, profile }) => [file, profile.name] as const),
    ]);
    const entries = (await this.#trail()).map(({ entry: { file, ...entry } }) => ({
      ...entry,
      id: file,
      name: names.get(file),
    }));
    if (name === undefined) return entries;
    const own = entries.filter((entry) => entry.name !== undefined && nameKey(entry.name) === nameKey(name));
    if (own.length === 0) find(contents, name);
    return own;
  }

  /** The text of a file of speakers (all, or those named), which is not encrypted: what `ProfileStore` exports and imports too. */
  async export(names?: readonly string[]): Promise<string> {
    const contents = await this.#reader.read(true);
    const chosen = names === undefined ? contents.stored : names.map((name) => find(contents, name));
    return exportOf([...new Set(chosen)].map(({ profile }) => profile));
  }

  /**
   * Import the speakers of an exported file: all, or none if the file is bad, a name exists or is invalid, or there is no room.
   * Returns the names.
   */
  async import(file: Blob | string, options?: ImportOptions): Promise<string[]> {
    const { onConflict } = parseOptions('import', importSchema, options);
    const isText = typeof file === 'string';
    const where = !isText && 'name' in file && typeof file.name === 'string' ? file.name : 'the file';
    const profiles = parseExport(isText ? file : await file.text(), where);
    return this.#change(async (contents) => {
      const steps = importSteps(contents, profiles, onConflict);
      this.#assertRoom(contents, steps.filter((step) => step.file === undefined).length);
      const rows: RowChange[] = [];
      const entries: AuditRow[] = [];
      for (const { profile, file: id = randomId(), there } of steps) {
        rows.push(...(await this.#speakerRows(id, profile, [], there?.audio ?? [])));
        entries.push({ at: now(), ...putAction(there?.profile, profile).entry, file: id });
      }
      return { rows, entries, result: steps.map(({ profile }) => profile.name) };
    });
  }

  /** Ask the browser not to delete the store when space is short; whether it agrees. */
  async persist(): Promise<boolean> {
    const { storage } = navigator as Partial<Navigator>;
    return (await storage?.persist().catch(() => false)) ?? false;
  }

  /** Close the database; it is opened again when it is used. */
  close(): Promise<void> {
    return this.#database.close();
  }

  /**
   * @param recordings what is kept from now on: keys of recordings that are there, or new ones
   * @param before keys of those that were kept
   */
  async #speakerRows(
    id: string,
    profile: Profile,
    recordings: readonly (string | KeptRecording)[],
    before: readonly string[],
  ): Promise<RowChange[]> {
    const rows: RowChange[] = [];
    const audio: string[] = [];
    for (const recording of recordings) {
      const key = typeof recording === 'string' ? recording : recordingKey(recording.until);
      audio.push(key);
      if (typeof recording === 'string') continue;
      const put = await this.#vault.seal(Uint8Array.from(recording.bytes), RECORDING_LABEL + key);
      rows.push({ table: 'recordings', put, key });
    }
    for (const key of before) if (!audio.includes(key)) rows.push({ table: 'recordings', remove: key });
    const text = JSON.stringify({ ...profileToJson(profile), audio });
    const sealed = await this.#vault.seal(new TextEncoder().encode(text), SPEAKER_LABEL + id);
    rows.push({ table: 'speakers', put: { id, ...sealed }, key: id });
    return rows;
  }

  async #trail(): Promise<{ readonly key: IDBValidKey; readonly entry: AuditRow }[]> {
    const { keys, lines } = await this.#database.read<{ keys: IDBValidKey[]; lines: unknown[] }>(
      ['audit'],
      (table) => ({
        keys: table('audit').getAllKeys(),
        lines: table('audit').getAll() as IDBRequest<unknown[]>,
      }),
    );
    return keys.flatMap((key, i) => {
      const { data } = auditSchema.safeParse(lines[i]);
      return data === undefined ? [] : [{ key, entry: data }];
    });
  }

  #assertRoom({ stored, damaged }: Contents, added: number): void {
    assertRoom(stored.length + damaged.length, added, this.maxSpeakers);
  }

  /** Make a change of what is there now; what is kept no longer goes with it. */
  async #change<Result>(
    make: (contents: Contents) => Promise<Change & { readonly result: Result }>,
  ): Promise<Result> {
    const [result, revision] = await withLock(`${this.name} writer`, this.#waitMs, async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const contents = await this.#reader.read(true);
        const { openings } = this.#database;
        const { rows, entries, result } = await make(contents);
        if (entries.length === 0) return [result, undefined] as const;
        const next = contents.revision + 1;
        const changes: RowChange[] = [
          ...outdated(contents, Date.now()),
          ...rows,
          ...entries.map((put) => ({ table: 'audit' as const, put })),
          { table: 'meta', put: next, key: 'revision' },
        ];
        if (await this.#database.write(changes, openings)) return [result, next] as const;
      }
      throw new WhospeaksError(
        'store-unwritable',
        'the browser deletes the speaker store again and again; nothing was changed',
      );
    });
    if (revision !== undefined) tellChange(this.name, revision);
    return result;
  }
}

/** What nothing needs any more: speakers whose time in the trash is over, recordings whose time is, and those that are nobody's. */
function outdated({ stored, damaged, trashed, recordings }: Contents, nowMs: number): RowChange[] {
  const over = trashed.filter(({ row }) => row.untilMs <= nowMs);
  const kept = new Set(
    [...stored, ...trashed.filter((each) => !over.includes(each))].flatMap(({ audio }) => audio ?? []),
  );
  const isAllKnown = damaged.length === 0 && trashed.every(({ profile }) => profile !== undefined);
  return [
    ...over.map(({ row }) => ({ table: 'trash' as const, remove: trashKey(row) })),
    ...recordings
      .filter((key) => isOver(key, nowMs) || (isAllKnown && !kept.has(key)))
      .map((key) => ({ table: 'recordings' as const, remove: key })),
  ];
}

function now(): string {
  return new Date().toISOString();
}
