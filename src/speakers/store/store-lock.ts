import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { WhospeaksError } from '../../errors.js';
import { asStoreError } from './store-errors.js';

/** What a writer may do while it holds the lock. */
export interface StoreLock {
  /** Call before each write. @throws {WhospeaksError} `store-locked` where the lock was lost meanwhile. */
  assertHeld(): void;
}

export interface LockOptions {
  /** How long to wait for another writer, ms. */
  readonly waitMs: number;
  /** A lock not renewed for this long is a dead process's, and is taken over, ms. */
  readonly staleMs: number;
}

const POLL_MS = 50;

/**
 * Run `write` as the only writer of the folder. The lock is a directory whose time stamp its owner keeps
 * fresh, so that it works between processes and on network drives and outlives no crash.
 */
export async function withStoreLock<Result>(
  folder: string,
  { waitMs, staleMs }: LockOptions,
  write: (lock: StoreLock) => Promise<Result>,
): Promise<Result> {
  let lost: Error | undefined;
  const release = await acquire(folder, waitMs, staleMs, (error) => {
    lost = error;
  });
  try {
    return await write({
      assertHeld: () => {
        if (lost !== undefined) throw locked(folder, 'the lock was lost to another process', lost);
      },
    });
  } finally {
    // A lock that was lost is not ours to release.
    await release().catch(() => undefined);
  }
}

async function acquire(
  folder: string,
  waitMs: number,
  staleMs: number,
  onCompromised: (error: Error) => void,
): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(folder, {
      lockfilePath: join(folder, '.lock'),
      stale: staleMs,
      update: Math.floor(staleMs / 3),
      retries: { retries: Math.ceil(waitMs / POLL_MS), factor: 1, minTimeout: POLL_MS, maxTimeout: POLL_MS },
      onCompromised,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') {
      throw locked(
        folder,
        `another process has been writing to it for ${(waitMs / 1000).toFixed(0)} s`,
        error,
      );
    }
    throw asStoreError(error, folder);
  }
}

function locked(folder: string, why: string, cause: unknown): WhospeaksError {
  return new WhospeaksError(
    'store-locked',
    `speaker store ${folder}: ${why}; try again when it has finished`,
    { cause },
  );
}
