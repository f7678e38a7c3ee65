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
  let isHeld = false;
  try {
    return (await locks.request(name, options, () => {
      isHeld = true;
      return work();
    })) as Result;
  } catch (error) {
    if (isHeld) throw error;
    throw new WhospeaksError(
      'store-locked',
      `another tab has changed the speaker store for more than ${waitMs / 1000} s; close it, or try again`,
      { cause: error },
    );
  }
}
