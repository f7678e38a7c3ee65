import { join } from 'node:path';
import { z } from 'zod';
import { fileState, readPrivateFile } from './private-file.js';
import type { Profile } from '../profile.js';
import { profileFromJson } from '../profile-file.js';
import { SealedError, type Keys } from './sealed.js';
import { messageOf } from './store-errors.js';

/** What a profile's file holds: a profile, or why there is none. */
export type ProfileFile = { readonly mode: number } & (
  | {
      readonly profile: Profile;
      /** Files of the recordings that are kept. */
      readonly audio: readonly string[];
      readonly keyId: string | null;
    }
  | {
      readonly fault: string;
      /** Whether it is encrypted, and could not be opened. */
      readonly isSealed: boolean;
    }
);

const audioSchema = z.object({ audio: z.array(z.string()).default([]) });

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
  readonly #nameOf: (file: string) => string;
  #known: ReadonlyMap<string, { readonly sign: string; readonly read: ProfileFile }> = new Map();

  /** @param nameOf what a file is called where it is stored, if it lies under another name here. */
  constructor(folder: string, nameOf: (file: string) => string = (file) => file) {
    this.#folder = folder;
    this.#nameOf = nameOf;
  }

  /** In the order of the files, without those that are not there any more. */
  async read(
    files: readonly string[],
    keys: Keys,
  ): Promise<{ readonly file: string; readonly read: ProfileFile }[]> {
    const known = new Map<string, { sign: string; read: ProfileFile }>();
    const found: { file: string; read: ProfileFile }[] = [];
    for (let at = 0; at < files.length; at += AT_ONCE) {
      const some = files.slice(at, at + AT_ONCE);
      for (const [i, each] of (await Promise.all(some.map((file) => this.#one(file, keys)))).entries()) {
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
  async #one(file: string, keys: Keys): Promise<{ sign: string | null; read: ProfileFile } | null> {
    const path = join(this.#folder, file);
    try {
      const before = await fileState(path);
      const known = this.#known.get(file);
      if (known?.sign === before.sign) return known;
      const { mode } = before;
      try {
        const { bytes, state } = await readPrivateFile(path, MAX_PROFILE_BYTES);
        const isSettled = Date.now() - state.changedMs > SETTLED_MS;
        const read = parsed(bytes, this.#nameOf(file), keys);
        // A key that is missing may come.
        const isKept = isSettled && !('isSealed' in read && read.isSealed);
        return { sign: isKept ? state.sign : null, read: { mode: state.mode, ...read } };
      } catch (error) {
        if (isAbsent(error)) throw error;
        return { sign: null, read: { mode, fault: messageOf(error), isSealed: false } };
      }
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }
}

type Parsed = ProfileFile extends infer File ? (File extends unknown ? Omit<File, 'mode'> : never) : never;

function parsed(sealed: Buffer, name: string, keys: Keys): Parsed {
  try {
    const { bytes, keyId } = keys.open(sealed, name);
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    const profile = { ...profileFromJson(json), id: idOf(name) };
    return { profile, audio: audioSchema.parse(json).audio, keyId };
  } catch (error) {
    return { fault: messageOf(error), isSealed: error instanceof SealedError };
  }
}

/** A speaker's id is the name of its file. */
export function idOf(file: string): string {
  return file.replace(/\.json$/, '');
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
