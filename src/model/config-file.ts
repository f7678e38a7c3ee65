import { readFile } from 'node:fs/promises';
import { parseConfigText, type ConfigHints } from './config.js';
import { corrupt } from './fault.js';

/** Read a `config.json`; no hints where there is none. */
export async function readConfigFile(path: string): Promise<ConfigHints> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw corrupt(path, 'the config cannot be read', error);
  }
  return parseConfigText(path, text);
}
