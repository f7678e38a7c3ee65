import { stat, writeFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';

/**
 * Write a file as a whole: where that fails, on a full disk for one, what was there stays as it was. A pipe or a device is
 * written to, and not replaced by a file. Without a `mode`, a file that is there keeps its own.
 */
export async function writeWholeFile(path: string, content: string | Buffer, mode?: number): Promise<void> {
  const options = mode === undefined ? {} : { mode };
  const isReplaced = await stat(path).then(
    (there) => there.isFile(),
    () => true,
  );
  await (isReplaced ? writeFileAtomic : writeFile)(path, content, options);
}
