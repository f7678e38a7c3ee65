import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = /^whospeaks-[A-Za-z0-9]{6}$/;
const RECORDING = /^recording-\d+$/;
/** A server of an earlier version that still runs may be reading them. */
const MIN_AGE_MS = 10 * 60_000;

/**
 * Delete recordings that earlier versions wrote to the temporary folder and left there where they were killed. Only
 * folders of this user that hold nothing else are touched. Never rejects.
 *
 * @returns how many folders went
 */
export async function sweepRecordings(folder = tmpdir(), nowMs = Date.now()): Promise<number> {
  let swept = 0;
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((text) => FOLDER.test(text))) {
    if (await sweep(join(folder, name), nowMs).catch(() => false)) swept += 1;
  }
  return swept;
}

async function sweep(folder: string, nowMs: number): Promise<boolean> {
  const stat = await lstat(folder);
  // Undefined on Windows, whose temporary folder is the user's own.
  const isOurs = process.getuid === undefined || stat.uid === process.getuid();
  if (!stat.isDirectory() || !isOurs || nowMs - stat.mtimeMs < MIN_AGE_MS) return false;
  const names = await readdir(folder);
  if (!names.every((name) => RECORDING.test(name))) return false;
  for (const name of names) await unlink(join(folder, name));
  await rmdir(folder);
  return true;
}
