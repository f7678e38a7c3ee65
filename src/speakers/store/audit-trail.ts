import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { writeBytes, type StagedFile } from '../../whole-file.js';

// Windows has neither.
const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;

/** One line more in a file of JSON lines. It is on the disk when this resolves, and nothing of it where this rejects. */
export async function stageLine(path: string, entry: object, mode: number): Promise<StagedFile> {
  const flags = O_APPEND! | O_CREAT! | O_RDWR! | O_NOFOLLOW | O_NONBLOCK;
  const withFile = async (work: (file: Awaited<ReturnType<typeof open>>) => Promise<void>): Promise<void> => {
    const file = await open(path, flags, mode);
    try {
      await work(file);
    } finally {
      await file.close();
    }
  };
  let before = 0;
  const discard = (): Promise<void> => withFile((file) => file.truncate(before));
  await withFile(async (file) => {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error(`${path} is no regular file`);
    before = stats.size;
    try {
      await writeBytes(file, Buffer.from(`${JSON.stringify(entry)}\n`), before);
      await file.sync();
    } catch (error) {
      await file.truncate(before);
      throw error;
    }
  });
  return { place: () => Promise.resolve(), discard };
}
