import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { z } from 'zod';
import { writeBytes, type StagedFile } from '../../whole-file.js';
import { readPrivateFile } from './private-file.js';
import { AUDIT_ACTIONS } from './speaker-store.js';

// Windows has neither.
const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
const MAX_TRAIL_BYTES = 256 * 1024 * 1024;

const lineSchema = z.looseObject({
  at: z.string(),
  action: z.enum(AUDIT_ACTIONS),
  file: z.string().optional(),
  by: z.string().optional(),
});

/** A line: a change, and of whose file. */
export type TrailLine = z.output<typeof lineSchema>;

/** Lines more in a file of JSON lines. They are on the disk when this resolves, and nothing of them where this rejects. */
export async function stageLines(
  path: string,
  entries: readonly TrailLine[],
  mode: number,
): Promise<StagedFile> {
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
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    try {
      await writeBytes(file, Buffer.from(text), before);
      await file.sync();
    } catch (error) {
      await file.truncate(before);
      throw error;
    }
  });
  return { place: () => Promise.resolve(), discard };
}

/** What a trail says, without what is no line of it; nothing where there is none. */
export async function readTrail(path: string): Promise<TrailLine[]> {
  const text = await textOf(path);
  return text.split('\n').flatMap((line) => parsed(line) ?? []);
}

/** Overwrite what the trail says of some files, in its place: that takes no room on a full disk. */
export async function forgetInTrail(path: string, files: ReadonlySet<string>): Promise<void> {
  const text = await textOf(path);
  let at = 0;
  const blanks: { readonly at: number; readonly bytes: number }[] = [];
  for (const line of text.split('\n')) {
    const bytes = Buffer.byteLength(line);
    const { file } = parsed(line) ?? {};
    if (file !== undefined && files.has(file)) blanks.push({ at, bytes });
    at += bytes + 1;
  }
  if (blanks.length === 0) return;
  const file = await open(path, O_RDWR! | O_NOFOLLOW | O_NONBLOCK);
  try {
    for (const blank of blanks) await writeBytes(file, Buffer.alloc(blank.bytes, ' '), blank.at);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return (await readPrivateFile(path, MAX_TRAIL_BYTES)).bytes.toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function parsed(line: string): TrailLine | undefined {
  if (line.trim() === '') return undefined;
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
