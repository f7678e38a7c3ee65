import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { stageFile, syncFolder, type StagedFile } from '../../whole-file.js';
import { stageLine } from './audit-trail.js';
import { readPrivateFile } from './private-file.js';
import { ProfileCache } from './profile-cache.js';
import { profileToJson } from '../profile-file.js';
import { nameKey } from '../speaker-name.js';
import {
  byName,
  changed,
  type DamagedProfile,
  type StoreContents,
  type StoredProfile,
} from './store-contents.js';
import { messageOf } from './store-errors.js';
import { exposures, type StoreWarning } from './store-exposure.js';

const INDEX = 'index.json';
const AUDIT = 'audit.jsonl';
const PROFILE_FILE = /^[0-9a-f]{16}\.json$/;
/** What a writer leaves behind where it was killed before it put a file, or its lock, in its place. */
const LEFTOVER = /^(([0-9a-f]{16}|index)\.json\.\d+|\.lock\.[0-9a-f]+)$/;
const MAX_INDEX_BYTES = 256 * 1024 * 1024;
/** Voiceprints are personal: for their owner's eyes only. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

const indexSchema = z.object({ speakers: z.array(z.object({ name: z.string(), file: z.string() })) });

/**
 * The store's files. One JSON file a profile is the truth; `index.json` is a summary for people, written
 * anew with each change, from which nothing is read but the names of damaged profiles. So there is no
 * moment at which a crash leaves two files that contradict each other.
 */
export class StoreFolder {
  readonly path: string;
  readonly #profiles: ProfileCache;

  constructor(path: string) {
    this.path = path;
    this.#profiles = new ProfileCache(path);
  }

  async create(): Promise<void> {
    const first = await mkdir(this.path, { recursive: true });
    if (first !== undefined) await chmod(this.path, FOLDER_MODE);
  }

  /**
   * Everything in the folder, by name; a folder that is not there is empty. A profile whose file did not change is the
   * object that it was.
   * @param only the profiles' files to read; default all
   */
  async read(
    only?: readonly string[],
  ): Promise<StoreContents & { readonly warnings: readonly StoreWarning[] }> {
    const files = only ?? (await this.#files()).filter((file) => PROFILE_FILE.test(file)).sort();
    const found = await this.#profiles.read(files);
    const byKey = new Map<string, StoredProfile>();
    const faults: { readonly file: string; readonly reason: string }[] = [];
    for (const { file, read } of found) {
      if ('fault' in read) {
        faults.push({ file, reason: read.fault });
        continue;
      }
      const { profile } = read;
      const twin = byKey.get(nameKey(profile.name));
      if (twin === undefined) byKey.set(nameKey(profile.name), { file, profile });
      else faults.push({ file, reason: `"${profile.name}" is in ${twin.file} too` });
    }
    return {
      stored: byName([...byKey.values()]),
      damaged: await this.#named(faults),
      warnings: await this.#exposures(found.filter(({ read }) => 'profile' in read)),
    };
  }

  newFile(): string {
    return `${randomBytes(8).toString('hex')}.json`;
  }

  /**
   * Write some, and the summary: all beside their places at first, for a full disk shows there, and then into them. So all are
   * written or none, unless the renaming fails; then the error tells which are. `assertHeld` is called before each is put in
   * place. An `entry` goes into the audit trail.
   */
  async write(
    before: StoreContents,
    writes: readonly StoredProfile[],
    assertHeld: () => void,
    entry?: object,
  ): Promise<void> {
    const files = writes.map(({ file }) => file);
    const staged: StagedFile[] = [];
    const stored: string[] = [];
    let placed = 0;
    try {
      for (const { file, profile } of writes) staged.push(await this.#stage(file, profileToJson(profile)));
      if (entry !== undefined) staged.push(await stageLine(join(this.path, AUDIT), entry, FILE_MODE));
      staged.push(await this.#stage(INDEX, summary(changed(before, files, writes))));
      for (const each of staged) {
        assertHeld();
        await each.place();
        const written = writes[placed++]?.profile.name;
        if (written !== undefined) stored.push(written);
      }
      await syncFolder(this.path);
    } catch (error) {
      for (const each of staged.slice(placed)) await each.discard();
      if (stored.length === 0) throw error;
      const message = `${messageOf(error)}; of all only ${stored.join(', ')} could be stored`;
      throw isWhospeaksError(error)
        ? new WhospeaksError(error.code, message, { cause: error })
        : new Error(message, { cause: error });
    }
  }

  /** Delete a profile. Its name is gone from the summary first, so that it outlives the profile nowhere; a full disk is no hindrance. */
  async delete(before: StoreContents, file: string, assertHeld: () => void): Promise<void> {
    assertHeld();
    try {
      await (await this.#stage(INDEX, summary(changed(before, [file], [])))).place();
    } catch {
      // No summary costs less than one that tells a name which is to be forgotten. The next change writes it.
      await rm(join(this.path, INDEX), { force: true });
    }
    await rm(join(this.path, file), { force: true });
    await syncFolder(this.path);
  }

  /** Remove what killed writers left. Only under the lock. */
  async tidy(): Promise<void> {
    for (const file of await this.#files())
      if (LEFTOVER.test(file)) await rm(join(this.path, file), { recursive: true, force: true });
  }

  #stage(file: string, value: unknown): Promise<StagedFile> {
    return stageFile(join(this.path, file), jsonText(value), FILE_MODE);
  }

  async #files(): Promise<string[]> {
    try {
      return await readdir(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** A missing or damaged summary costs the names of damaged profiles, nothing else. */
  async #named(faults: readonly Omit<DamagedProfile, 'name'>[]): Promise<DamagedProfile[]> {
    if (faults.length === 0) return [];
    const names = new Map<string, string>();
    try {
      const { text } = await readPrivateFile(join(this.path, INDEX), MAX_INDEX_BYTES);
      for (const { file, name } of indexSchema.parse(JSON.parse(text)).speakers) names.set(file, name);
    } catch {
      // Then the files are told by their own names.
    }
    return faults.map((fault) => ({ name: names.get(fault.file) ?? fault.file, ...fault }));
  }

  async #exposures(
    found: readonly { readonly file: string; readonly read: { readonly mode: number } }[],
  ): Promise<StoreWarning[]> {
    const folder = await stat(this.path).catch(() => undefined);
    if (folder === undefined) return [];
    const modes = found.map(({ file, read }) => ({ file, mode: read.mode }));
    return exposures(this.path, folder.mode, modes);
  }
}

function summary({ stored, damaged }: StoreContents): object {
  const speakers = stored.map(({ file, profile }) => ({
    name: profile.name,
    file,
    model: profile.model,
    speechSeconds: Number(profile.speechSeconds.toFixed(2)),
    recordings: profile.recordings,
    consistency: Number(profile.consistency.toFixed(3)),
    createdAt: profile.createdAt,
  }));
  const broken = damaged.map(({ file, name }) => ({ name, file, damaged: true }));
  return { about: 'Speakers enrolled with whospeaks', speakers: [...speakers, ...broken] };
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
