import { join } from 'node:path';
import { WhospeaksError } from '../../errors.js';
import { LockError, withFileLock, type LockOptions } from '../../file-lock.js';

/** What a writer may do while it holds the lock. */
export interface StoreLock {
  /** Call before each write. @throws {WhospeaksError} `store-locked` where the lock was lost meanwhile. */
  assertHeld(): void;
}

/** Run `write` as the only writer of the folder. Rejects with `store-locked` where that is not to be had in time. */
export async function withStoreLock<Result>(
  folder: string,
  options: LockOptions,
  write: (lock: StoreLock) => Promise<Result>,
): Promise<Result> {
  const told = (error: unknown): unknown =>
    error instanceof LockError
      ? new WhospeaksError('store-locked', `speaker store ${folder}: ${error.message}`, { cause: error })
      : error;
  try {
    return await withFileLock(join(folder, '.lock'), options, (lock) =>
      write({
        assertHeld: () => {
          try {
            lock.assertHeld();
          } catch (error) {
            throw told(error);
          }
        },
      }),
    );
  } catch (error) {
    throw told(error);
  }
}
