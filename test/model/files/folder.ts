import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { ErrorCode } from '../../../src/errors.js';
import { readModel, type CanonicalModel } from '../../../src/model/index.js';

/** A folder for the tests of one file, removed after them. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

let count = 0;

/** Write bytes to a file of their own and read them as a model. */
export function readBytes(folder: string, bytes: Uint8Array): Promise<CanonicalModel> {
  const path = join(folder, `file-${count++}`);
  writeFileSync(path, bytes);
  return readModel(path);
}

/** The code and the message that reading these bytes ends in. */
export async function refusal(
  folder: string,
  bytes: Uint8Array,
): Promise<{ code: ErrorCode; message: string }> {
  try {
    await readBytes(folder, bytes);
  } catch (error) {
    const { code, message } = error as { code: ErrorCode; message: string };
    return { code, message };
  }
  throw new Error('the file was read without an error');
}
