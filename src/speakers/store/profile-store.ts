import { resolve } from 'node:path';
import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { writeWholeFile } from '../../whole-file.js';
import type { Adaptation, Profile } from '../profile.js';
import { nameKey, speakerName } from '../speaker-name.js';
import type { TrailLine } from './audit-trail.js';
import { defaultStoreFolder } from './default-folder.js';
import { exportOf, importSchema, importSteps } from './exported.js';
import { keySource, type KeySource } from './key-source.js';
import { idOf } from './profile-cache.js';
import { findRemoved, removedSpeaker } from './removed-speakers.js';
import * as changes from './speaker-changes.js';
import type {
  AuditEntry,
  DeleteOptions,
  KeptRecording,
  ProfileList,
  PutOptions,
  RemovedSpeaker,
  SpeakerStore,
} from './speaker-store.js';
import {
  assertFree,
  assertRoom,
  fileOf,
  find,
  notFound,
  type StoreContents,
  type StoredProfile,
} from './store-contents.js';
import { asStoreError, messageOf } from './store-errors.js';
import { readExport } from './store-export.js';
import { FILE_MODE, StoreFolder, type StoreWrite } from './store-folder.js';
import { withStoreLock, type StoreLock } from './store-lock.js';
import { placeOf, putAction } from './store-put.js';
import { watchFolder } from './store-watch.js';

const DAY_MS = 24 * 3600 * 1000;

const schema = z.strictObject({
  folder: z.string().min(1).optional(),
  lockWaitMs: z.number().min(0).max(600_000).default(15_000),
  staleLockMs: z.number().min(2000).max(60_000).default(5000),
  maxSpeakers: z.int().min(1).optional(),
  trashDays: z.number().min(0).max(3650).default(7),
  key: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
});

export interface ProfileStoreOptions {
  /** Where the profiles are kept; default `$WHOSPEAKS_HOME/speakers`, else the user's data folder. */
  readonly folder?: string;
  /** How long to wait for another writer, ms; default 15000. */
  readonly lockWaitMs?: number;
  /**
   * When the lock of a silent process is taken over, ms; default 5000, at least 2000. On Linux, the lock of a process that ended
   * on this machine is taken over at once.
   */
  readonly staleLockMs?: number;
  /** Speakers that the store may hold; default: as many as there is room for. */
  readonly maxSpeakers?: number | undefined;
  /** Days that a speaker that was removed can be restored; default 7. 0: removing erases. */
  readonly trashDays?: number | undefined;
  /**
   * Keys of AES-256-GCM: 32 bytes in base64 or hex, with commas; the first encrypts, all decrypt. Default
   * `$WHOSPEAKS_STORE_KEY`, or the file `$WHOSPEAKS_STORE_KEY_FILE`; without either nothing is encrypted.
   */
  readonly key?: string | undefined;
  /** In place of `key`, a file of keys, one a line. It is read for each use, so that a rotation needs no restart. */
  readonly keyFile?: string | undefined;
}

export interface ImportOptions {
  /**
   * What to do with a name that is there already with other contents: `error` (default) imports nothing,
   * `skip` keeps the stored profile, `replace` takes the file's.
   */
  readonly onConflict?: 'error' | 'skip' | 'replace';
}

/**
 * The default `SpeakerStore`: one file per speaker in a folder. Every write is atomic and under a lock, so that a crash, a full
 * disk or a second writer loses nothing.
 *
 * Profiles are read again only if their file changed: what `list` returns is shared and must not be changed. Methods reject with `store-locked`, `store-unwritable`, `store-corrupt`, `store-full`, `store-key`,
 * `speaker-name`, `speaker-exists` or `speaker-not-found`.
 */
export class ProfileStore implements SpeakerStore {
  readonly folder: string;
  readonly maxSpeakers: number;
  readonly #files: StoreFolder;
  readonly #keys: KeySource;
  readonly #waitMs: number;
  readonly #staleMs: number;
  readonly #trashMs: number;

  constructor(options?: ProfileStoreOptions) {
    const { folder, lockWaitMs, staleLockMs, maxSpeakers, trashDays, ...keys } = parseOptions(
      'ProfileStore',
      schema,
      options,
    );
    this.folder = resolve(folder ?? defaultStoreFolder());
    this.#keys = keySource(keys);
    this.#files = new StoreFolder(this.folder, this.#keys);
    this.#waitMs = lockWaitMs;
    this.#staleMs = staleLockMs;
    this.#trashMs = trashDays * DAY_MS;
    this.maxSpeakers = maxSpeakers ?? Infinity;
  }

  async list(): Promise<ProfileList> {
    const { stored, damaged, warnings } = await this.#reading(() => this.#files.read());
    return {
      profiles: stored.map(({ profile }) => profile),
      damaged: [...damaged],
      warnings: [...warnings],
    };
  }

  /** A copy, the caller's own. */
  async get(name: string): Promise<Profile> {
    return this.#reading(async () => (await this.#fresh(find(await this.#files.read(), name))).profile);
  }

  /** Rejects with `speaker-name` or `speaker-exists` where a speaker could not be added by this name. */
  async assertFree(name: string): Promise<void> {
    assertFree(await this.#reading(() => this.#files.read()), speakerName(name));
  }

  /** Store a new speaker; returns it as stored, with `id` and `createdAt`. */
  async add(profile: Profile): Promise<Profile> {
    return (await this.put(profile)).profile;
  }

  async put(
    profile: Profile,
    { replaces, recordings, by }: PutOptions = {},
  ): Promise<{ readonly profile: Profile; readonly replaced: boolean }> {
    let put: Profile | undefined;
    let replaced = false;
    await this.#change(async (contents, lock) => {
      const { name, there } = await placeOf(contents, profile, replaces, (each) => this.#fresh(each));
      const file = there?.file ?? this.#files.newFile();
      put = { ...profile, name, id: idOf(file), createdAt: profile.createdAt ?? now() };
      replaced = there !== undefined;
      const before = there !== undefined && 'profile' in there ? there : undefined;
      const change = putAction(before?.profile, put);
      const write: StoreWrite = {
        file,
        profile: put,
        audio: before?.audio ?? [],
        recordings: recordings ?? (change.isSameVoice ? undefined : []),
      };
      await this.#write(contents, lock, [write], [{ at: now(), ...change.entry, file, by }]);
    });
    return { profile: put!, replaced };
  }

  async rename(from: string, to: string): Promise<void> {
    await changes.renameSpeaker(this, from, to);
  }

  /**
   * Add an adaptation to a speaker; the enrolment stays as it is. The latest 8 are kept; each has an audit entry.
   */
  async adapt(name: string, adaptation: Adaptation): Promise<void> {
    await changes.adaptSpeaker(this, name, adaptation);
  }

  /** Forget the latest `count` adaptations of a speaker, or all of them; returns how many there were. */
  undoAdaptations(name: string, count?: number): Promise<number> {
    return changes.undoAdaptations(this, name, count);
  }

  /**
   * Remove a speaker, damaged or not, also on a full disk. The profile stays in the trash for a time. With `erase`, nothing of the
   * speaker is in the folder when this resolves; backups and exported files may still have it.
   */
  async delete(name: string, { erase = this.#trashMs === 0, by }: DeleteOptions = {}): Promise<void> {
    await this.#change(async (contents, lock) => {
      const key = nameKey(name);
      const file = fileOf(contents, name);
      const trashed = (await this.#files.trash.read(await this.#keys())).filter(
        (each) => nameKey(each.profile?.name ?? idOf(each.file)) === key || each.file === file,
      );
      lock.assertHeld();
      if (file === undefined && (!erase || trashed.length === 0)) throw notFound(contents, name);
      if (erase) await this.#files.erase(contents, file, trashed, { at: now(), action: 'erase', by });
      else {
        const removedMs = Date.now();
        const times = { removedMs, untilMs: Math.ceil(removedMs + this.#trashMs) };
        await this.#files.discard(contents, file!, times, { at: now(), action: 'remove', file, by });
      }
    });
  }

  async removed(): Promise<RemovedSpeaker[]> {
    const trashed = await this.#reading(async () => this.#files.trash.read(await this.#keys()));
    return trashed
      .filter(({ untilMs }) => untilMs > Date.now())
      .map(({ file, profile, removedMs, untilMs }) =>
        removedSpeaker(profile?.name ?? idOf(file), removedMs, untilMs),
      );
  }

  async restore(name: string, { by }: { readonly by?: string | undefined } = {}): Promise<Profile> {
    let restored: Profile | undefined;
    await this.#change(async (contents, lock) => {
      const trashed = await this.#files.trash.read(await this.#keys());
      const found = findRemoved(trashed, name);
      assertFree(contents, found.profile.name);
      assertRoom(countOf(contents), 1, this.maxSpeakers);
      lock.assertHeld();
      await this.#files.restore(contents, found, found.profile, {
        at: now(),
        action: 'restore',
        file: found.file,
        by,
      });
      restored = found.profile;
    });
    return restored!;
  }

  async recordings(name: string): Promise<KeptRecording[]> {
    return this.#reading(async () => {
      const { audio = [] } = await this.#fresh(find(await this.#files.read(), name));
      return this.#files.recordings.read(audio, await this.#keys(), Date.now());
    });
  }

  watch(onChange: () => void): () => void {
    return watchFolder(this.folder, onChange, async () => {
      // Every change deletes what is kept no longer.
      if (await this.#files.isDue(Date.now())) await this.#change(() => Promise.resolve());
    });
  }

  async audit(name?: string): Promise<AuditEntry[]> {
    return this.#reading(async () => {
      const contents = await this.#files.read();
      const trashed = await this.#files.trash.read(await this.#keys());
      const names = new Map<string | undefined, string | undefined>(
        [...trashed, ...contents.stored].map(({ file, profile }) => [file, profile?.name]),
      );
      const entries = (await this.#files.trail()).map(({ file, ...entry }) => ({
        ...entry,
        id: file === undefined ? undefined : idOf(file),
        name: names.get(file),
      }));
      if (name === undefined) return entries;
      const own = entries.filter(
        (entry) => entry.name !== undefined && nameKey(entry.name) === nameKey(name),
      );
      if (own.length === 0) find(contents, name);
      return own;
    });
  }

  /**
   * Encrypt every file anew with the first key. The other keys are needed until it is done. Returns how many files were
   * encrypted, and which could not be opened.
   */
  async reseal(): Promise<{ readonly resealed: number; readonly failed: readonly string[] }> {
    let done = { resealed: 0, failed: [] as string[] };
    await this.#change(async (_, lock) => {
      done = await this.#files.reseal(() => {
        lock.assertHeld();
      });
    });
    return done;
  }

  /** Write speakers (all, or those named, each once) to one file, which is not encrypted; returns their names. */
  async export(file: string, names?: readonly string[]): Promise<string[]> {
    // As they are on the disk, and not as a caller may have changed them.
    const contents = await this.#reading(() => new StoreFolder(this.folder, this.#keys).read());
    const chosen = names === undefined ? contents.stored : names.map((name) => find(contents, name));
    const profiles = [...new Set(chosen)].map(({ profile }) => profile);
    try {
      await writeWholeFile(resolve(file), exportOf(profiles), FILE_MODE);
    } catch (error) {
      throw new WhospeaksError(
        'store-unwritable',
        `cannot write ${file}: ${messageOf(error)}; check its folder, its permissions and free space`,
        { cause: error },
      );
    }
    return profiles.map(({ name }) => name);
  }

  /**
   * Import the speakers of an exported file: all, or none if the file is bad, a name exists or is invalid, or the disk is full.
   * Returns the names.
   */
  async import(file: string, options?: ImportOptions): Promise<string[]> {
    const { onConflict } = parseOptions('import', importSchema, options);
    const profiles = await readExport(file);
    const taken: string[] = [];
    await this.#change(async (contents, lock) => {
      const writes: StoreWrite[] = [];
      const entries: TrailLine[] = [];
      for (const { profile, file: target = this.#files.newFile(), there } of importSteps(
        contents,
        profiles,
        onConflict,
      )) {
        writes.push({ file: target, profile, audio: there?.audio ?? [], recordings: [] });
        entries.push({ at: now(), ...putAction(there?.profile, profile).entry, file: target });
      }
      if (writes.length > 0) await this.#write(contents, lock, writes, entries);
      taken.push(...writes.map(({ profile }) => profile.name));
    });
    return taken;
  }

  /** As it is on the disk, for what is written back must not be what a caller made of a shared profile. */
  async #fresh(stored: StoredProfile): Promise<StoredProfile> {
    const found = await new StoreFolder(this.folder, this.#keys).read([stored.file]);
    return found.stored[0] ?? stored;
  }

  async #write(
    contents: StoreContents,
    lock: StoreLock,
    writes: readonly StoreWrite[],
    entries: readonly TrailLine[],
  ): Promise<void> {
    const there = new Set([...contents.stored, ...contents.damaged].map(({ file }) => file));
    const added = writes.filter(({ file }) => !there.has(file)).length;
    assertRoom(there.size, added, this.maxSpeakers);
    const assertHeld = (): void => {
      lock.assertHeld();
    };
    await this.#files.write(contents, writes, assertHeld, entries);
  }

  async #reading<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      throw asStoreError(error, this.folder);
    }
  }

  async #change(write: (contents: StoreContents, lock: StoreLock) => Promise<void>): Promise<void> {
    await this.#reading(async () => {
      await this.#files.create();
      await withStoreLock(this.folder, { waitMs: this.#waitMs, staleMs: this.#staleMs }, async (lock) => {
        await this.#files.tidy(Date.now());
        await write(await this.#files.read(), lock);
      });
    });
  }
}

function countOf({ stored, damaged }: StoreContents): number {
  return stored.length + damaged.length;
}

function now(): string {
  return new Date().toISOString();
}
