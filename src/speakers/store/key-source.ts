import { readFile } from 'node:fs/promises';
import { WhospeaksError } from '../../errors.js';
import { Keys } from './sealed.js';
import { messageOf } from './store-errors.js';

/** The keys as they are now: a file is read for each use, so that a rotation needs no restart. */
export type KeySource = () => Promise<Keys>;

export interface KeyOptions {
  /** Keys as text: `Keys.parse`. */
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Keys that are given, or the environment's: `WHOSPEAKS_STORE_KEY`, or the file that `WHOSPEAKS_STORE_KEY_FILE` names. */
export function keySource({ key, keyFile }: KeyOptions, env: NodeJS.ProcessEnv = process.env): KeySource {
  if (key !== undefined) return fixed(key, 'key');
  if (keyFile !== undefined) return ofFile(keyFile);
  if (isSet(env.WHOSPEAKS_STORE_KEY)) return fixed(env.WHOSPEAKS_STORE_KEY, 'WHOSPEAKS_STORE_KEY');
  if (isSet(env.WHOSPEAKS_STORE_KEY_FILE)) return ofFile(env.WHOSPEAKS_STORE_KEY_FILE);
  return () => Promise.resolve(Keys.none);
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function fixed(text: string, where: string): KeySource {
  const keys = Keys.parse(text, where);
  return () => Promise.resolve(keys);
}

function ofFile(file: string): KeySource {
  return async () => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw new WhospeaksError(
        'store-key',
        `cannot read the key file ${file} (${messageOf(error)}); check its name and permissions`,
        { cause: error },
      );
    }
    return Keys.parse(text, file);
  };
}
