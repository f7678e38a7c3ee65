import { randomBytes } from 'node:crypto';
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { writeWholeFile } from '../../whole-file.js';
import type { Profile } from '../profile.js';
import { profileFromJson, profileToJson } from '../profile-file.js';
import { messageOf } from './store-errors.js';
import { nameKey } from '../speaker-name.js';

/** A profile file that could not be read. */
export interface DamagedProfile {
  /** The speaker's name, where the index still tells it; else the file's name. */
  readonly name: string;
  readonly file: string;
  readonly reason: string;
}

export interface StoredProfile {
  readonly file: string;
  readonly profile: Profile;
}

export interface StoreContents {
  readonly stored: readonly StoredProfile[];
  readonly damaged: readonly DamagedProfile[];
}

const INDEX = 'index.json';
const AUDIT = 'audit.jsonl';
const PROFILE_FILE = /^[0-9a-f]{16}\.json$/;
/** What an atomic write leaves behind where the process was killed before the rename. */
const LEFTOVER = /^([0-9a-f]{16}|index)\.json\.\d+$/;
const MAX_PROFILE_BYTES = 16 * 1024 * 1024;
/** Voiceprints are personal: for their owner's eyes only. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

const indexSchema = z.object({ speakers: z.array(z.object({ name: z.string(), file: z.string() })) });

/**
 * The store's files. One JSON file a profile is the truth; `index.json` is a summary for people, written
 * anew after each change, from which nothing is read but the names of damaged profiles. So there is no
 * moment at which a crash leaves two files that contradict each other.
 */
export class StoreFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async create(): Promise<void> {
    const first = await mkdir(this.path, { recursive: true });
    if (first !== undefined) await chmod(this.path, FOLDER_MODE);
  }

  /** Everything in the folder, by name; a folder that is not there is empty. */
  async read(): Promise<StoreContents> {
    const files = (await this.#files()).filter((file) => PROFILE_FILE.test(file)).sort();
    const damaged: DamagedProfile[] = [];
    const byKey = new Map<string, StoredProfile>();
    let names: ReadonlyMap<string, string> | undefined;
    for (const file of files) {
      try {
        const profile = await this.#profile(file);
        if (profile === null) continue;
        const key = nameKey(profile.name);
        const twin = byKey.get(key);
        if (twin !== undefined) throw new Error(`"${profile.name}" is in ${twin.file} too`);
        byKey.set(key, { file, profile });
      } catch (error) {
        names ??= await this.#indexedNames();
        damaged.push({ name: names.get(file) ?? file, file, reason: messageOf(error) });
      }
    }
    const stored = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
    return { stored, damaged };
  }

  newFile(): string {
    return `${randomBytes(8).toString('hex')}.json`;
  }

  async write(file: string, profile: Profile): Promise<void> {
    await writeJson(join(this.path, file), profileToJson(profile));
  }

  /**
   * Write several: each beside its place at first, for a full disk shows there, and then into it. So all are written or none,
   * unless the renaming fails; then the error tells which are. `assertHeld` is called before each is put in place.
   */
  async writeAll(writes: readonly StoredProfile[], assertHeld: () => void): Promise<void> {
    const staged = writes.map(({ file, profile }) => {
      const path = join(this.path, file);
      return { path, profile, aside: `${path}.${process.pid}` };
    });
    const stored: string[] = [];
    try {
      for (const { aside, profile } of staged)
        await writeFile(aside, jsonText(profileToJson(profile)), { mode: FILE_MODE, flush: true });
      for (const { aside, path, profile } of staged) {
        assertHeld();
        await rename(aside, path);
        stored.push(profile.name);
      }
    } catch (error) {
      for (const { aside } of staged) await rm(aside, { force: true });
      if (stored.length === 0) throw error;
      const message = `${messageOf(error)}; of all only ${stored.join(', ')} could be stored`;
      throw isWhospeaksError(error)
        ? new WhospeaksError(error.code, message, { cause: error })
        : new Error(message, { cause: error });
    }
  }

  /** One line more in the audit trail. */
  async audit(entry: object): Promise<void> {
    await appendFile(join(this.path, AUDIT), `${JSON.stringify(entry)}\n`, { mode: FILE_MODE });
  }

  async delete(file: string): Promise<void> {
    await rm(join(this.path, file), { force: true });
  }

  /** Remove what killed writers left, and write the summary. Only under the lock. */
  async tidy(): Promise<void> {
    for (const file of await this.#files()) if (LEFTOVER.test(file)) await this.delete(file);
    const names = await this.#indexedNames();
    const { stored, damaged } = await this.read();
    const speakers = stored.map(({ file, profile }) => ({
      name: profile.name,
      file,
      model: profile.model,
      speechSeconds: Number(profile.speechSeconds.toFixed(2)),
      recordings: profile.recordings,
      consistency: Number(profile.consistency.toFixed(3)),
      createdAt: profile.createdAt,
    }));
    const broken = damaged.map(({ file }) => ({ name: names.get(file) ?? file, file, damaged: true }));
    await writeJson(join(this.path, INDEX), {
      about: 'Speakers enrolled with whospeaks',
      speakers: [...speakers, ...broken],
    });
  }

  async #files(): Promise<string[]> {
    try {
      return await readdir(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Null where the file was removed meanwhile. */
  async #profile(file: string): Promise<Profile | null> {
    const path = join(this.path, file);
    try {
      const { size } = await stat(path);
      if (size > MAX_PROFILE_BYTES) throw new Error(`${size} bytes is too large for a profile`);
      return profileFromJson(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async #indexedNames(): Promise<Map<string, string>> {
    try {
      const index = indexSchema.parse(JSON.parse(await readFile(join(this.path, INDEX), 'utf8')));
      return new Map(index.speakers.map(({ file, name }) => [file, name]));
    } catch {
      // A missing or damaged summary costs the names of damaged profiles, nothing else.
      return new Map();
    }
  }
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeWholeFile(path, jsonText(value), FILE_MODE);
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
