import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { writeWholeFile } from '../../whole-file.js';
import { MAX_ADAPTATIONS, type Adaptation, type Profile } from '../profile.js';
import { profileToJson } from '../profile-file.js';
import { nameKey, speakerName } from '../speaker-name.js';
import {
  assertFree,
  assertRoom,
  fileOf,
  find,
  type DamagedProfile,
  type StoreContents,
  type StoredProfile,
} from './store-contents.js';
import { asStoreError, messageOf } from './store-errors.js';
import { exportOf, readExport } from './store-export.js';
import type { StoreWarning } from './store-exposure.js';
import { FILE_MODE, StoreFolder } from './store-folder.js';
import { withStoreLock, type StoreLock } from './store-lock.js';

const schema = z.strictObject({
  folder: z.string().min(1).optional(),
  lockWaitMs: z.number().min(0).max(600_000).default(15_000),
  staleLockMs: z.number().min(2000).max(60_000).default(5000),
  maxSpeakers: z.int().min(1).optional(),
});

const importSchema = z.strictObject({ onConflict: z.enum(['error', 'skip', 'replace']).default('error') });

export interface ProfileStoreOptions {
  /** Where the profiles are kept; default `$WHOSPEAKS_HOME/speakers`, else the user's data folder. */
  readonly folder?: string;
  /** How long to wait for another writer, ms; default 15000. */
  readonly lockWaitMs?: number;
  /**
   * The lock of a process that ended is taken over: at once where that is seen (Linux, same machine), else when its owner gave
   * no sign of life for this long, ms; default 5000, at least 2000.
   */
  readonly staleLockMs?: number;
  /** Speakers that the store may hold; default: as many as there is room for. */
  readonly maxSpeakers?: number;
}

export interface ImportOptions {
  /**
   * What to do with a name that is there already with other contents: `error` (default) imports nothing,
   * `skip` keeps the stored profile, `replace` takes the file's.
   */
  readonly onConflict?: 'error' | 'skip' | 'replace';
}

export interface ProfileList {
  /** By name. */
  readonly profiles: Profile[];
  /** Files that could not be read; the rest are unharmed. */
  readonly damaged: DamagedProfile[];
  /** What should not stay as it is: `store-exposed` where other users may read the voiceprints. */
  readonly warnings: StoreWarning[];
}

/**
 * Enrolled speakers on disk, one file each beside a readable `index.json`. Every write is atomic and under
 * a lock, so that a crash, a full disk or a second writer costs nothing that was stored. Names are unique whatever
 * their case.
 *
 * Profiles are read once, and again only where their file has changed: what `list` and `get` return is shared, not to
 * be changed. Methods reject with `store-locked`, `store-unwritable`, `store-corrupt`, `store-full`, `speaker-name`,
 * `speaker-exists` or `speaker-not-found`.
 */
export class ProfileStore {
  readonly folder: string;
  readonly maxSpeakers: number;
  readonly #files: StoreFolder;
  readonly #waitMs: number;
  readonly #staleMs: number;

  constructor(options?: ProfileStoreOptions) {
    const { folder, lockWaitMs, staleLockMs, maxSpeakers } = parseOptions('ProfileStore', schema, options);
    this.folder = resolve(folder ?? defaultFolder());
    this.#files = new StoreFolder(this.folder);
    this.#waitMs = lockWaitMs;
    this.#staleMs = staleLockMs;
    this.maxSpeakers = maxSpeakers ?? Infinity;
  }

  async list(): Promise<ProfileList> {
    const { stored, damaged, warnings } = await this.#read(this.#files);
    return {
      profiles: stored.map(({ profile }) => profile),
      damaged: [...damaged],
      warnings: [...warnings],
    };
  }

  async get(name: string): Promise<Profile> {
    return find(await this.#read(this.#files), name).profile;
  }

  /** Rejects with `speaker-name` or `speaker-exists` where a speaker could not be added by this name. */
  async assertFree(name: string): Promise<void> {
    assertFree(await this.#read(this.#files), speakerName(name));
  }

  /** Store a new speaker; returns it as stored, with `createdAt`. */
  async add(profile: Profile): Promise<Profile> {
    const stored = { ...profile, name: speakerName(profile.name), createdAt: profile.createdAt ?? now() };
    await this.#change(async (contents, lock) => {
      assertFree(contents, stored.name);
      await this.#write(contents, lock, [{ file: this.#files.newFile(), profile: stored }]);
    });
    return stored;
  }

  /** Store a speaker, in the place of the one of this name where there is one, damaged or not. */
  async put(profile: Profile): Promise<{ readonly profile: Profile; readonly replaced: boolean }> {
    const stored = { ...profile, name: speakerName(profile.name), createdAt: profile.createdAt ?? now() };
    let replaced = false;
    await this.#change(async (contents, lock) => {
      const file = fileOf(contents, stored.name);
      replaced = file !== undefined;
      await this.#write(contents, lock, [{ file: file ?? this.#files.newFile(), profile: stored }]);
    });
    return { profile: stored, replaced };
  }

  async rename(from: string, to: string): Promise<void> {
    const name = speakerName(to);
    await this.#change(async (contents, lock) => {
      const { file, profile } = await this.#fresh(find(contents, from));
      if (nameKey(name) !== nameKey(profile.name)) assertFree(contents, name);
      await this.#write(contents, lock, [{ file, profile: { ...profile, name } }]);
    });
  }

  /**
   * Keep what a turn taught, beside the enrolment, which stays as it is. The latest 8 are kept; each
   * is written to the audit trail, `audit.jsonl` in the folder, under the name of the speaker's file, which tells nobody's
   * name once the speaker is removed.
   */
  async adapt(name: string, adaptation: Adaptation): Promise<void> {
    await this.#adaptations(name, 'adapt', (before) =>
      [...before, { ...adaptation, addedAt: adaptation.addedAt ?? now() }].slice(-MAX_ADAPTATIONS),
    );
  }

  /** Forget the latest `count` adaptations of a speaker, or all of them; returns how many there were. */
  async undoAdaptations(name: string, count = MAX_ADAPTATIONS): Promise<number> {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new WhospeaksError(
        'invalid-option',
        `undo: expected a whole number, 0 or more, received ${count}`,
      );
    }
    let undone = 0;
    await this.#adaptations(name, 'undo', (before) => {
      const kept = before.slice(0, Math.max(0, before.length - count));
      undone = before.length - kept.length;
      return kept;
    });
    return undone;
  }

  async #adaptations(
    name: string,
    action: 'adapt' | 'undo',
    change: (before: readonly Adaptation[]) => readonly Adaptation[],
  ): Promise<void> {
    await this.#change(async (contents, lock) => {
      const { file, profile } = await this.#fresh(find(contents, name));
      const before = profile.adaptations ?? [];
      const adaptations = change(before);
      const { seconds, probability } = adaptations.at(-1) ?? {};
      const entry = { at: now(), action, file, before: before.length, after: adaptations.length };
      await this.#write(
        contents,
        lock,
        [{ file, profile: { ...profile, adaptations } }],
        action === 'adapt' ? { ...entry, seconds, probability } : entry,
      );
    });
  }

  /**
   * Delete a speaker's file, damaged or not, and the name from `index.json`; also on a full disk. Neither is in the folder
   * when this resolves. The medium, backups and exported files may still have them.
   */
  async remove(name: string): Promise<void> {
    await this.#change(async (contents, lock) => {
      const broken = contents.damaged.find((damaged) => nameKey(damaged.name) === nameKey(name));
      const file = broken?.file ?? find(contents, name).file;
      await this.#files.delete(contents, file, () => {
        lock.assertHeld();
      });
    });
  }

  /** Write speakers (all, or those named, each once) to one file; returns their names. */
  async export(file: string, names?: readonly string[]): Promise<string[]> {
    // As they are on the disk, and not as a caller may have changed them.
    const contents = await this.#read(new StoreFolder(this.folder));
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
   * Take the speakers of an exported file: all of them, or, where the file is bad, a name is taken or cannot be, or the disk is
   * full, none. Returns the names taken.
   */
  async import(file: string, options?: ImportOptions): Promise<string[]> {
    const { onConflict } = parseOptions('import', importSchema, options);
    const profiles = await readExport(file);
    const taken: string[] = [];
    await this.#change(async (contents, lock) => {
      const writes: StoredProfile[] = [];
      const stored = new Map(contents.stored.map((each) => [nameKey(each.profile.name), each]));
      const damaged = new Map(contents.damaged.map((each) => [nameKey(each.name), each]));
      for (const profile of profiles) {
        const key = nameKey(profile.name);
        const there = stored.get(key);
        const file = (there ?? damaged.get(key))?.file;
        const isSame = there !== undefined && sameProfile(there.profile, profile);
        if (isSame || (file !== undefined && onConflict === 'skip')) continue;
        if (file !== undefined && onConflict === 'error') assertFree(contents, profile.name);
        writes.push({ file: file ?? this.#files.newFile(), profile });
      }
      if (writes.length > 0) await this.#write(contents, lock, writes);
      taken.push(...writes.map(({ profile }) => profile.name));
    });
    return taken;
  }

  async #read(files: StoreFolder): ReturnType<StoreFolder['read']> {
    try {
      return await files.read();
    } catch (error) {
      throw asStoreError(error, this.folder);
    }
  }

  /** As it is on the disk, for what is written back must not be what a caller made of a shared profile. */
  async #fresh({ file, profile }: StoredProfile): Promise<StoredProfile> {
    const { stored } = await new StoreFolder(this.folder).read([file]);
    return stored[0] ?? { file, profile };
  }

  async #write(
    contents: StoreContents,
    lock: StoreLock,
    writes: readonly StoredProfile[],
    entry?: object,
  ): Promise<void> {
    const there = new Set([...contents.stored, ...contents.damaged].map(({ file }) => file));
    const added = writes.filter(({ file }) => !there.has(file)).length;
    assertRoom(there.size, added, this.maxSpeakers);
    const assertHeld = (): void => {
      lock.assertHeld();
    };
    await this.#files.write(contents, writes, assertHeld, entry);
  }

  async #change(write: (contents: StoreContents, lock: StoreLock) => Promise<void>): Promise<void> {
    try {
      await this.#files.create();
      await withStoreLock(this.folder, { waitMs: this.#waitMs, staleMs: this.#staleMs }, async (lock) => {
        await this.#files.tidy();
        await write(await this.#files.read(), lock);
      });
    } catch (error) {
      throw asStoreError(error, this.folder);
    }
  }
}

function defaultFolder(): string {
  const home = process.env.WHOSPEAKS_HOME;
  return join(
    home === undefined || home === '' ? envPaths('whospeaks', { suffix: '' }).data : home,
    'speakers',
  );
}

function now(): string {
  return new Date().toISOString();
}

function sameProfile(a: Profile, b: Profile): boolean {
  return JSON.stringify(profileToJson(a)) === JSON.stringify(profileToJson(b));
}
