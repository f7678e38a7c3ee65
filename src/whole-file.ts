import { randomInt } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, open, realpath, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that lies whole on the disk, beside its place. */
export interface StagedFile {
  /** Put it in its place, over what is there. `syncFolder` makes that outlast a loss of power. */
  place(): Promise<void>;
  /** Remove it again. */
  discard(): Promise<void>;
}

/**
 * Write a file as a whole: where that fails, on a full disk for one, what was there stays as it was. A pipe or a device is
 * written to, and not replaced by a file; a symbolic link stays one. Without a `mode`, a file that is there keeps its own.
 */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) {
    await writeFile(path, content);
    return;
  }
  const target = there === undefined ? path : await realpath(path);
  const staged = await stageFile(target, content, mode);
  await staged.place();
  await syncFolder(dirname(target));
}

/**
 * Write what is to be the file `path` beside it, as `path.NUMBER`. It is whole and on the disk when this resolves; where
 * it rejects, nothing is left. A `path` that is a symbolic link would be replaced by the file.
 */
export async function stageFile(
  path: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<StagedFile> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const before = await lstat(path).catch(() => undefined);
  const aside = `${path}.${randomInt(2 ** 47)}`;
  const discard = (): Promise<void> => rm(aside, { force: true });
  try {
    const file = await open(aside, 'wx', mode);
    try {
      if (before !== undefined) await resemble(file, before, mode);
      await writeBytes(file, bytes);
      await file.sync();
      await assertSize(file, bytes.length);
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard();
    throw error;
  }
  const place = async (): Promise<void> => {
    try {
      await rename(aside, path);
    } catch (error) {
      await discard();
      throw error;
    }
  };
  return { place, discard };
}

/** Write all of `bytes` at a position of the file: the system may take fewer at once than it is given. */
export async function writeBytes(file: FileHandle, bytes: Uint8Array, position = 0): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    if (bytesWritten === 0) throw new Error(`only ${at} of ${bytes.length} bytes could be written`);
    at += bytesWritten;
  }
}

/** Rejects where the file has another size than what was written to it. */
export async function assertSize(file: FileHandle, bytes: number): Promise<void> {
  const { size } = await file.stat();
  if (size !== bytes) throw new Error(`${size} bytes are on the disk of ${bytes} that were written`);
}

/** What was renamed or removed in the folder stays so after a loss of power, where the file system can promise that. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    // Windows, and some network drives, have no such promise to ask for.
    if (!isRefusal(error)) throw error;
  }
}

/** The owner and, without a `mode` of its own, the rights of the file that is replaced. */
async function resemble(file: FileHandle, before: Stats, mode: number | undefined): Promise<void> {
  const unlessRefused = (error: unknown): void => {
    if (!isRefusal(error)) throw error;
  };
  await file.chown(before.uid, before.gid).catch(unlessRefused);
  if (mode === undefined && before.isFile()) await file.chmod(before.mode & 0o7777).catch(unlessRefused);
}

/** The system does not do this here, or not for this user. */
function isRefusal(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return ['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EBADF'].includes(code ?? '');
}
