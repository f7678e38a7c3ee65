import { utimesSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, rmdir, unlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { newOwnerName, ownerOf, stateOf, type LockOwner } from './lock-owner.js';

export interface FileLock {
  /** Aborted where the lock is lost to another process. */
  readonly signal: AbortSignal;
  /** Call before what only the owner may do. @throws {LockError} where the lock was lost meanwhile. */
  assertHeld(): void;
}

export interface LockOptions {
  /** How long to wait for another owner, ms. */
  readonly waitMs: number;
  /** An owner of which nothing is known but that it gave no sign of life for so long is taken for gone, ms. */
  readonly staleMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** Why a lock is not had. */
export class LockError extends Error {}

const POLL_MS = 50;
/** What a folder's renaming to one that is there fails with, on Windows the last three; or it was tidied away meanwhile. */
const OTHER_WAS_FASTER = new Set<string | undefined>([
  ...['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'ENOENT'],
  ...(process.platform === 'win32' ? ['EPERM', 'EACCES', 'EBUSY'] : []),
]);

/**
 * Run `work` as the only one who holds the lock `path`, a folder with an empty file in it whose name says who the owner is.
 * It appears and goes whole, on network drives too, and takes no room on a full disk but a folder's.
 *
 * The lock of a process that is seen to be gone is taken over at once, that of one that is seen to live never. Of an owner that
 * cannot be seen, on another machine, the time stamp of its file has to change: no clock is compared with another.
 *
 * Rejects with a `LockError` where the lock is not had in time, the signal's reason, or an error of the file system.
 */
export async function withFileLock<Result>(
  path: string,
  options: LockOptions,
  work: (lock: FileLock) => Promise<Result>,
): Promise<Result> {
  const own = join(path, await acquire(path, options));
  const lost = new AbortController();
  const fail = (cause: unknown): LockError => new LockError(`${path} was lost to another process`, { cause });
  const timer = setInterval(() => {
    const now = new Date();
    utimes(own, now, now).catch((error: unknown) => {
      if (isAbsent(error)) lost.abort(fail(error));
    });
  }, options.staleMs / 3).unref();
  try {
    return await work({
      signal: lost.signal,
      assertHeld: () => {
        const now = new Date();
        try {
          // A sign of life as well: who saw none until now sees one before it takes the lock.
          utimesSync(own, now, now);
        } catch (error) {
          throw fail(error);
        }
      },
    });
  } finally {
    clearInterval(timer);
    await leave(path, own);
  }
}

/** Returns the name of the owner's file. */
async function acquire(path: string, { waitMs, staleMs, signal }: LockOptions): Promise<string> {
  const startMs = performance.now();
  let seen = { sign: '', sinceMs: startMs };
  for (;;) {
    signal?.throwIfAborted();
    const there = await look(path);
    const name = there === undefined ? await take(path) : undefined;
    if (name !== undefined) return name;
    const nowMs = performance.now();
    if (there === undefined) {
      if (nowMs - startMs >= waitMs) throw new LockError(whyNot(path, { ours: true, sign: '' }, waitMs));
      continue;
    }
    if (there.sign !== seen.sign) seen = { sign: there.sign, sinceMs: nowMs };
    const isSilent = nowMs - seen.sinceMs >= staleMs;
    const state = there.owner === undefined ? 'unknown' : stateOf(there.owner);
    const isOver = there.ours && (state === 'gone' || (state === 'unknown' && isSilent));
    if (isOver && (await leave(path, there.file))) continue;
    if (nowMs - startMs >= waitMs || (!there.ours && isSilent))
      throw new LockError(whyNot(path, there, waitMs));
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

interface Seen {
  /** False where it is nothing that `take` makes. */
  readonly ours: boolean;
  readonly owner?: LockOwner | undefined;
  /** The owner's file. */
  readonly file?: string;
  /** Changes with each sign of life. */
  readonly sign: string;
}

/** What is at the place of the lock; undefined where nothing is. */
async function look(path: string): Promise<Seen | undefined> {
  try {
    const entry = await lstat(path);
    const sign = `${entry.ino} ${entry.mtimeMs}`;
    if (!entry.isDirectory()) return { ours: false, sign };
    const [name, ...more] = await readdir(path);
    // An owner that was ended between removing its file and the folder.
    if (name === undefined) return { ours: true, sign };
    const owner = ownerOf(name);
    if (owner === undefined || more.length > 0) return { ours: false, sign };
    const file = join(path, name);
    return { ours: true, owner, file, sign: `${name} ${await timeOf(file)}` };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Opened, for a network drive then asks the server, and not what it remembers. */
async function timeOf(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
  }
}

/** Undefined where another was faster: a folder cannot be renamed to one that has something in it. */
async function take(path: string): Promise<string | undefined> {
  const name = newOwnerName();
  const prepared = `${path}.${name.slice(0, 16)}`;
  await mkdir(prepared, { mode: 0o700 });
  try {
    await (await open(join(prepared, name), 'wx', 0o600)).close();
    await rename(prepared, path);
    return name;
  } catch (error) {
    await rm(prepared, { recursive: true, force: true });
    if (!OTHER_WAS_FASTER.has((error as NodeJS.ErrnoException).code)) throw error;
    return undefined;
  }
}

/**
 * Remove an owner's file, whose name no other has, and the folder if no other has it by then. False where that cannot be:
 * it was lost, or another was faster.
 */
async function leave(path: string, file: string | undefined): Promise<boolean> {
  try {
    if (file !== undefined) await unlink(file);
  } catch {
    return false;
  }
  for (let tries = 0; tries < 5; tries++) {
    try {
      await rmdir(path);
      return true;
    } catch (error) {
      if (isAbsent(error)) return true;
      // Windows holds a file that somebody looks at for a moment longer.
      await sleep(10);
    }
  }
  return false;
}

function whyNot(path: string, { ours, owner }: Seen, waitMs: number): string {
  if (!ours) {
    return `${path} is no lock that whospeaks made; if no other program uses it, remove it: rm -r "${path}"`;
  }
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`;
  return `${who} has held ${path} for ${(waitMs / 1000).toFixed(0)} s; try again when it has finished`;
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
