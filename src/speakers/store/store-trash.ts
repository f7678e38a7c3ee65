import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../whole-file.js';
import type { Profile } from '../profile.js';
import { idOf, ProfileCache } from './profile-cache.js';
import type { Keys } from './sealed.js';

/** `ID.REMOVED.UNTIL.json`, both in ms since 1970: removing is one renaming, and takes no room on a full disk. */
const TRASHED = /^([0-9a-f]{16})\.(\d+)\.(\d+)\.json$/;

/** A profile that was removed. */
export interface Trashed {
  /** Its name in the trash. */
  readonly entry: string;
  /** What it was called in the store. */
  readonly file: string;
  readonly removedMs: number;
  readonly untilMs: number;
  /** Undefined where it is damaged. */
  readonly profile: Profile | undefined;
  readonly audio: readonly string[];
}

/** Profiles that were removed and can be restored, in a folder of their own. */
export class StoreTrash {
  readonly path: string;
  readonly #store: string;
  readonly #profiles: ProfileCache;

  constructor(store: string) {
    this.#store = store;
    this.path = join(store, 'trash');
    this.#profiles = new ProfileCache(this.path, (entry) => partsOf(entry)?.file ?? entry);
  }

  /** The last removed first; also those whose time is over. */
  async read(keys: Keys): Promise<Trashed[]> {
    const found = await this.#profiles.read(await this.entries(), keys);
    return found
      .map(({ file: entry, read }) => ({
        entry,
        ...partsOf(entry)!,
        profile: 'profile' in read ? read.profile : undefined,
        audio: 'profile' in read ? read.audio : [],
      }))
      .sort((a, b) => b.removedMs - a.removedMs);
  }

  async entries(): Promise<string[]> {
    return (await namesIn(this.path)).filter((name) => TRASHED.test(name)).sort();
  }

  /** Whether the time of one is over. */
  async isDue(nowMs: number): Promise<boolean> {
    return (await this.entries()).some((entry) => partsOf(entry)!.untilMs <= nowMs);
  }

  async take(file: string, removedMs: number, untilMs: number): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await rename(join(this.#store, file), join(this.path, `${idOf(file)}.${removedMs}.${untilMs}.json`));
    await syncFolder(this.path);
  }

  async giveBack({ entry, file }: Trashed): Promise<void> {
    await rename(join(this.path, entry), join(this.#store, file));
    await syncFolder(this.path);
  }

  async drop(entry: string): Promise<void> {
    await rm(join(this.path, entry), { force: true });
    await syncFolder(this.path);
  }
}

/** What a file of the trash is called where it is stored. */
export function storedFileOf(entry: string): string {
  return partsOf(entry)?.file ?? entry;
}

function partsOf(entry: string): { file: string; removedMs: number; untilMs: number } | undefined {
  const match = TRASHED.exec(entry);
  if (match === null) return undefined;
  return { file: `${match[1]!}.json`, removedMs: Number(match[2]), untilMs: Number(match[3]) };
}

/** What is in a folder; nothing where it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
