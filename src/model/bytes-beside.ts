import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a file of a model's folder lies, for people. */
export function pathBeside(folder: string, file: string): string {
  return join(folder, file);
}

/** Rejects as `readFile`. */
export function bytesBeside(folder: string, file: string): Promise<Uint8Array> {
  return readFile(pathBeside(folder, file));
}
