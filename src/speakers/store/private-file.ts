import { constants, type BigIntStats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';

/** What tells one state of a file from another. */
export interface FileState {
  readonly sign: string;
  readonly mode: number;
  /** When its contents, its name or its rights last changed, ms since 1970. */
  readonly changedMs: number;
}

// Windows has neither.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/**
 * Read a file of the store. Rejects where it is no regular file: a symbolic link may lead anywhere, and a pipe would never end.
 */
export async function readPrivateFile(
  path: string,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer; readonly state: FileState }> {
  const file = await open(path, O_RDONLY! | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    // ENXIO: a socket, or a device that is not there.
    if (code === 'ELOOP' || code === 'ENXIO') throw notRegular(error);
    throw error;
  });
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) throw notRegular();
    if (stats.size > BigInt(maxBytes))
      throw new Error(`${stats.size} bytes is too large; the most is ${maxBytes}`);
    return { bytes: await file.readFile(), state: stateOf(stats) };
  } finally {
    await file.close();
  }
}

export async function fileState(path: string): Promise<FileState> {
  return stateOf(await lstat(path, { bigint: true }));
}

function stateOf({ dev, ino, size, mtimeNs, ctimeNs, mode }: BigIntStats): FileState {
  return {
    sign: [dev, ino, size, mtimeNs, ctimeNs, mode].join(' '),
    mode: Number(mode),
    changedMs: Number(ctimeNs > mtimeNs ? ctimeNs : mtimeNs) / 1e6,
  };
}

function notRegular(cause?: unknown): Error {
  return new Error('it is no regular file, but a symbolic link, a pipe, a socket, a device or a folder', {
    cause,
  });
}
