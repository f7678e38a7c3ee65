import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** How often the folder is looked at: two calls of the system. */
const POLL_MS = 300;
/**
 * A folder that changed so shortly before it was looked at may have changed once more within the resolution of its time
 * stamps. Whole seconds is the coarsest that a file system has, but for FAT's two.
 */
const SETTLED_MS = 2500;
/** How often it is asked whether the time of something is over. */
const RETENTION_MS = 60_000;

/**
 * Call `onChange` when files of `folder` came, went or were put in another's place, by whichever process. It is polled and not
 * watched: network drives, containers and many watches tell nothing, two looks a second cost nothing, and there is one way
 * for all.
 *
 * @param onRetention called once a minute, and at first
 * @returns how to end it; the process may end without
 */
export function watchFolder(
  folder: string,
  onChange: () => void,
  onRetention: () => Promise<void>,
): () => void {
  let seen: string | undefined;
  let askedMs = -Infinity;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const state = await stateOf(folder);
    if (isOver) return;
    // Fresh at the first look: it may have changed since the caller read it.
    if (state.isFresh || (seen !== undefined && state.sign !== seen)) onChange();
    seen = state.sign;
    if (Date.now() - askedMs >= RETENTION_MS) {
      askedMs = Date.now();
      await onRetention();
    }
  };
  const next = (): void => {
    if (isOver) return;
    timer = setTimeout(() => {
      // What cannot be read now may be readable later, and whoever reads the store is told why it cannot.
      void look()
        .catch(() => undefined)
        .finally(next);
    }, POLL_MS).unref();
  };
  void look()
    .catch(() => undefined)
    .finally(next);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** The folder's time changes with each file that comes, goes or is replaced; its summary is replaced with every change. */
async function stateOf(folder: string): Promise<{ readonly sign: string; readonly isFresh: boolean }> {
  const paths = [folder, join(folder, 'index.json')];
  const stats = await Promise.all(paths.map((path) => lstat(path, { bigint: true }).catch(() => undefined)));
  const sign = stats.map((stat) => (stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs}`));
  const changedMs = Math.max(
    ...stats.map((stat) => (stat === undefined ? 0 : Number(stat.ctimeNs / 1_000_000n))),
  );
  return { sign: sign.join(), isFresh: Math.abs(Date.now() - changedMs) < SETTLED_MS };
}
