import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { WhospeaksError } from '../errors.js';

/**
 * Throws `invalid-option`, which names the option, where a file cannot be written: asked before minutes of work whose
 * result it is to hold. Nothing is written, nothing made, and what the file holds stays.
 */
export function assertWritable(path: string, option: string): void {
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder');
    accessSync(existsSync(path) || path === '' ? path : dirname(path), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, option, cause);
  }
}

/** Write what an option asked for. Throws `invalid-option`, which names the option. */
export function writeOutput(path: string, content: string | Uint8Array, option: string): void {
  try {
    writeFileSync(path, content);
  } catch (cause) {
    throw unwritable(path, option, cause);
  }
}

function unwritable(path: string, option: string, cause: unknown): WhospeaksError {
  return new WhospeaksError(
    'invalid-option',
    `${option}: cannot write ${path}: ${(cause as Error).message}`,
    {
      cause,
    },
  );
}
