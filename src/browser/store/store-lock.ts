import { WhospeaksError } from '../../errors.js';

/**
 * One writer at a time among the tabs and workers of this origin. A tab that is closed, or crashes, gives the lock back. Rejects
 * with `store-locked`.
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
  const options = { signal: AbortSignal.timeout(waitMs) };
  const held: { at?: number } = {};
  try {
    return await locks.request(name, options, () => {
      held.at = performance.now();
      return work();
    });
  } catch (error) {
    if (held.at !== undefined) throw error;
    throw new WhospeaksError(
      'store-locked',
      `another tab has changed the speaker store for more than ${waitMs / 1000} s; close it, or try again`,
      { cause: error },
    );
  }
}
