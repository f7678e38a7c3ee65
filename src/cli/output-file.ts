import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { WhospeaksError } from '../errors.js';
import { writeWholeFile } from '../whole-file.js';

/**
 * Throws `invalid-option`, which names the option, where a file cannot be written: asked before minutes of work whose
 * result it is to hold. Nothing is written, nothing made, and what the file holds stays.
 */
export function assertWritable(path: string, option: string): void {
  writing(path, option, () => {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error('it is a folder');
    if (there !== undefined) accessSync(path, constants.W_OK);
    // A file is written beside the one that is there. The folder of an empty path is the current one, and no file can be made of it.
    if (path === '') accessSync(path);
    if (there?.isFile() ?? true) accessSync(dirname(there ? realpathSync(path) : path), constants.W_OK);
  });
}

/** Write what an option asked for, whole or not at all. Rejects with `invalid-option`, which names the option. */
export async function writeOutput(path: string, content: string | Uint8Array, option: string): Promise<void> {
  await writeWholeFile(path, content).catch((cause: unknown) => {
    throw unwritable(path, option, cause);
  });
}

/** Do what writes the file of an option. Throws `invalid-option`, which names the option, where it fails. */
export function writing<Result>(path: string, option: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw unwritable(path, option, cause);
  }
}

function unwritable(path: string, option: string, cause: unknown): WhospeaksError {
  const why = `${option}: cannot write ${path}: ${(cause as Error).message}`;
  return new WhospeaksError('invalid-option', why, { cause });
}
