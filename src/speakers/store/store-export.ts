import { readFile } from 'node:fs/promises';
import { WhospeaksError } from '../../errors.js';
import type { Profile } from '../profile.js';
import { parseExport } from './exported.js';
import { messageOf } from './store-errors.js';

/** The speakers of an exported file, each name once. */
export async function readExport(file: string): Promise<Profile[]> {
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
  return parseExport(text, file);
}
