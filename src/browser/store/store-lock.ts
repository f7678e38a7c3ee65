import { abortAfter } from '../abort-after.js';
import { WhospeaksError } from '../../errors.js';
import { asStorageError } from './storage-error.js';

/**
 * One writer at a time among the tabs and workers of this origin. A tab that is closed, or crashes, gives the lock back. Rejects
 * with `store-locked`, or `store-unwritable` where the browser gives no locks.
 */
export async function withLock<Result>(
  name: string,
  waitMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  // In an insecure page, and in a page whose origin is hidden, there are none, whatever the type says.
  const locks = (navigator as Partial<Navigator>).locks;
  if (locks === undefined) {
    throw new WhospeaksError(
      'store-unwritable',
      'this page may not keep voices; open it by https, or on localhost',
    );
  }
  const { signal, clear } = abortAfter(waitMs);
  const held: { at?: number } = {};
  try {
    return await locks.request(name, { signal }, () => {
      held.at = performance.now();
      clear();
      return work();
    });
  } catch (error) {
    if (held.at !== undefined) throw error;
    if (!signal.aborted) throw asStorageError(error);
    throw new WhospeaksError(
      'store-locked',
      `another tab has changed the speaker store for more than ${waitMs / 1000} s; close it, or try again`,
      { cause: error },
    );
  } finally {
    clear();
  }
}
