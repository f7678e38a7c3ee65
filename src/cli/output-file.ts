import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { WhospeaksError } from '../errors.js';

/**
 * Throws `invalid-option`, which names the option, where a file cannot be written: asked before minutes of work whose
 * result it is to hold. Nothing is written, nothing made, and what the file holds stays.
 */
export function assertWritable(path: string, option: string): void {
  writing(path, option, () => {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error('it is a folder');
    // The folder of an empty path is the current one, and no file can be made of it.
    accessSync(there === undefined && path !== '' ? dirname(path) : path, constants.W_OK);
  });
}

/** Write what an option asked for. Throws `invalid-option`, which names the option. */
export function writeOutput(path: string, content: string | Uint8Array, option: string): void {
  writing(path, option, () => {
    writeFileSync(path, content);
  });
}

/** Do what writes the file of an option. Throws `invalid-option`, which names the option, where it fails. */
export function writing<Result>(path: string, option: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const why = `${option}: cannot write ${path}: ${(cause as Error).message}`;
    throw new WhospeaksError('invalid-option', why, { cause });
  }
}
