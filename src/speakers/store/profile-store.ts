import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { MAX_ADAPTATIONS, type Adaptation, type Profile } from '../profile.js';
import { profileFromJson, profileToJson } from '../profile-file.js';
import { nameKey, speakerName } from '../speaker-name.js';
import { asStoreError, messageOf } from './store-errors.js';
import {
  StoreFolder,
  writeJson,
  type DamagedProfile,
  type StoreContents,
  type StoredProfile,
} from './store-folder.js';
import { withStoreLock, type StoreLock } from './store-lock.js';

const EXPORT_FORMAT = 'whospeaks-speakers';

const schema = z.strictObject({
  folder: z.string().min(1).optional(),
  lockWaitMs: z.number().min(0).max(600_000).default(15_000),
  staleLockMs: z.number().min(2000).max(60_000).default(5000),
});

const importSchema = z.strictObject({ onConflict: z.enum(['error', 'skip', 'replace']).default('error') });

const exportSchema = z.object({
  format: z.literal(EXPORT_FORMAT, { error: 'not a file that "speakers export" wrote' }),
  speakers: z.array(z.unknown()),
});

export interface ProfileStoreOptions {
  /** Where the profiles are kept; default `$WHOSPEAKS_HOME/speakers`, else the user's data folder. */
  readonly folder?: string;
  /** How long to wait for another writer, ms; default 15000. */
  readonly lockWaitMs?: number;
  /** A lock whose owner has not renewed it for this long is taken over, ms; default 5000, at least 2000. */
  readonly staleLockMs?: number;
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
}

/**
 * Enrolled speakers on disk, one file each beside a readable `index.json`. Every write is atomic and under
 * a lock, so that a crash or a second writer costs nothing that was stored. Names are unique whatever
 * their case.
 *
 * Methods reject with `store-locked`, `store-unwritable`, `store-corrupt`, `speaker-name`,
 * `speaker-exists` or `speaker-not-found`.
 */
export class ProfileStore {
  readonly folder: string;
  readonly #files: StoreFolder;
  readonly #waitMs: number;
  readonly #staleMs: number;

  constructor(options?: ProfileStoreOptions) {
    const { folder, lockWaitMs, staleLockMs } = parseOptions('ProfileStore', schema, options);
    this.folder = resolve(folder ?? defaultFolder());
    this.#files = new StoreFolder(this.folder);
    this.#waitMs = lockWaitMs;
    this.#staleMs = staleLockMs;
  }

  async list(): Promise<ProfileList> {
    const { stored, damaged } = await this.#read();
    return { profiles: stored.map(({ profile }) => profile), damaged: [...damaged] };
  }

  async get(name: string): Promise<Profile> {
    return find(await this.#read(), name).profile;
  }

  /** Rejects with `speaker-name` or `speaker-exists` where a speaker could not be added by this name. */
  async assertFree(name: string): Promise<void> {
    assertFree(await this.#read(), speakerName(name));
  }

  /** Store a new speaker; returns it as stored, with `createdAt`. */
  async add(profile: Profile): Promise<Profile> {
    const stored = { ...profile, name: speakerName(profile.name), createdAt: profile.createdAt ?? now() };
    await this.#change(async (contents, lock) => {
      assertFree(contents, stored.name);
      lock.assertHeld();
      await this.#files.write(this.#files.newFile(), stored);
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
      lock.assertHeld();
      await this.#files.write(file ?? this.#files.newFile(), stored);
    });
    return { profile: stored, replaced };
  }

  async rename(from: string, to: string): Promise<void> {
    const name = speakerName(to);
    await this.#change(async (contents, lock) => {
      const { file, profile } = find(contents, from);
      if (nameKey(name) !== nameKey(profile.name)) assertFree(contents, name);
      lock.assertHeld();
      await this.#files.write(file, { ...profile, name });
    });
  }

  /**
   * Keep what a turn taught, beside the enrolment, which stays as it is. The latest 8 are kept; each
   * is written to the audit trail, `audit.jsonl` in the folder.
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
      const { file, profile } = find(contents, name);
      const before = profile.adaptations ?? [];
      const adaptations = change(before);
      lock.assertHeld();
      await this.#files.write(file, { ...profile, adaptations });
      const { seconds, probability } = adaptations.at(-1) ?? {};
      const entry = {
        at: now(),
        action,
        speaker: profile.name,
        before: before.length,
        after: adaptations.length,
      };
      await this.#files.audit(action === 'adapt' ? { ...entry, seconds, probability } : entry);
    });
  }

  /** Delete a speaker's file, damaged or not. */
  async remove(name: string): Promise<void> {
    await this.#change(async (contents, lock) => {
      const broken = contents.damaged.find((damaged) => nameKey(damaged.name) === nameKey(name));
      const file = broken?.file ?? find(contents, name).file;
      lock.assertHeld();
      await this.#files.delete(file);
    });
  }

  /** Write speakers (all, or those named, each once) to one file; returns their names. */
  async export(file: string, names?: readonly string[]): Promise<string[]> {
    const contents = await this.#read();
    const chosen = names === undefined ? contents.stored : names.map((name) => find(contents, name));
    const profiles = [...new Set(chosen)].map(({ profile }) => profile);
    try {
      await writeJson(resolve(file), { format: EXPORT_FORMAT, speakers: profiles.map(profileToJson) });
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
   * Take the speakers of an exported file: all of them, or, where the file is bad, a name is taken or the disk is full, none. Returns
   * the names taken.
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
      await this.#files.writeAll(writes, () => {
        lock.assertHeld();
      });
      taken.push(...writes.map(({ profile }) => profile.name));
    });
    return taken;
  }

  async #read(): Promise<StoreContents> {
    try {
      return await this.#files.read();
    } catch (error) {
      throw asStoreError(error, this.folder);
    }
  }

  async #change(write: (contents: StoreContents, lock: StoreLock) => Promise<void>): Promise<void> {
    try {
      await this.#files.create();
      await withStoreLock(this.folder, { waitMs: this.#waitMs, staleMs: this.#staleMs }, async (lock) => {
        await write(await this.#files.read(), lock);
        await this.#files.tidy();
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

function find(contents: StoreContents, name: string): { file: string; profile: Profile } {
  const key = nameKey(name);
  const stored = contents.stored.find(({ profile }) => nameKey(profile.name) === key);
  if (stored !== undefined) return stored;
  const broken = contents.damaged.find((damaged) => nameKey(damaged.name) === key);
  if (broken !== undefined) {
    throw new WhospeaksError(
      'store-corrupt',
      `the profile of "${name}" is damaged (${broken.file}: ${broken.reason}); remove the speaker and enrol again`,
    );
  }
  const names = contents.stored.map(({ profile }) => profile.name).join(', ');
  throw new WhospeaksError(
    'speaker-not-found',
    `no speaker "${name}" is stored; ${names === '' ? 'the store is empty' : `there are: ${names}`}`,
  );
}

/** Where a speaker of this name is stored, damaged or not. */
function fileOf({ stored, damaged }: StoreContents, name: string): string | undefined {
  const key = nameKey(name);
  return (
    stored.find((other) => nameKey(other.profile.name) === key)?.file ??
    damaged.find((other) => nameKey(other.name) === key)?.file
  );
}

function assertFree({ stored, damaged }: StoreContents, name: string): void {
  const key = nameKey(name);
  const isTaken =
    stored.some(({ profile }) => nameKey(profile.name) === key) ||
    damaged.some((other) => nameKey(other.name) === key);
  if (!isTaken) return;
  throw new WhospeaksError(
    'speaker-exists',
    `a speaker "${name}" is stored already; choose another name, or remove that speaker first`,
  );
}

function sameProfile(a: Profile, b: Profile): boolean {
  return JSON.stringify(profileToJson(a)) === JSON.stringify(profileToJson(b));
}

async function readExport(file: string): Promise<Profile[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WhospeaksError(
      missing ? 'file-not-found' : 'file-unreadable',
      missing ? `no such file: ${file}` : `cannot read ${file}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  let profiles: Profile[];
  try {
    profiles = exportSchema.parse(JSON.parse(text)).speakers.map(profileFromJson);
  } catch (error) {
    const reason = error instanceof z.ZodError ? error.issues[0]!.message : messageOf(error);
    throw new WhospeaksError('store-corrupt', `${file} cannot be imported: ${reason}; nothing was imported`, {
      cause: error,
    });
  }
  const seen = new Set<string>();
  for (const { name } of profiles) {
    if (seen.has(nameKey(name))) {
      throw new WhospeaksError(
        'store-corrupt',
        `${file} cannot be imported: it has "${name}" twice; nothing was imported`,
      );
    }
    seen.add(nameKey(name));
  }
  return profiles;
}
