import { join } from 'node:path';
import { fileState, readPrivateFile } from './private-file.js';
import type { Profile } from '../profile.js';
import { profileFromJson } from '../profile-file.js';
import { messageOf } from './store-errors.js';

/** What a profile's file holds: a profile, or why there is none. */
export type ProfileFile =
  { readonly mode: number; readonly profile: Profile } | { readonly mode: number; readonly fault: string };

const MAX_PROFILE_BYTES = 16 * 1024 * 1024;
/**
 * A file that changed so shortly before it was read may have changed once more within the resolution of its time stamps,
 * and is read anew. Whole seconds is the coarsest that a file system has, but for FAT's two.
 */
const SETTLED_MS = 2500;
const AT_ONCE = 16;

/** The profiles of a folder, of which a file is read again only where it is not as it was when it was read last. */
export class ProfileCache {
  readonly #folder: string;
  #known: ReadonlyMap<string, { readonly sign: string; readonly read: ProfileFile }> = new Map();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In the order of the files, without those that are not there any more. */
  async read(files: readonly string[]): Promise<{ readonly file: string; readonly read: ProfileFile }[]> {
    const known = new Map<string, { sign: string; read: ProfileFile }>();
    const found: { file: string; read: ProfileFile }[] = [];
    for (let at = 0; at < files.length; at += AT_ONCE) {
      const some = files.slice(at, at + AT_ONCE);
      for (const [i, each] of (await Promise.all(some.map((file) => this.#one(file)))).entries()) {
        if (each === null) continue;
        const file = some[i]!;
        found.push({ file, read: each.read });
        if (each.sign !== null) known.set(file, { sign: each.sign, read: each.read });
      }
    }
    this.#known = known;
    return found;
  }

  /** Null where the file is not there; without a sign where it may not be kept. */
  async #one(file: string): Promise<{ sign: string | null; read: ProfileFile } | null> {
    const path = join(this.#folder, file);
    try {
      const before = await fileState(path);
      const known = this.#known.get(file);
      if (known?.sign === before.sign) return known;
      const { mode } = before;
      try {
        const { text, state } = await readPrivateFile(path, MAX_PROFILE_BYTES);
        const isSettled = Date.now() - state.changedMs > SETTLED_MS;
        return {
          sign: isSettled ? state.sign : null,
          read: { mode: state.mode, ...parsed(text) },
        };
      } catch (error) {
        if (isAbsent(error)) throw error;
        return { sign: null, read: { mode, fault: messageOf(error) } };
      }
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }
}

function parsed(text: string): { profile: Profile } | { fault: string } {
  try {
    return { profile: profileFromJson(JSON.parse(text)) };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
