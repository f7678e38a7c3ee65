import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stageFile, syncFolder } from '../../whole-file.js';
import { readPrivateFile } from './private-file.js';
import type { Keys } from './sealed.js';
import type { KeptRecording } from './speaker-store.js';
import { namesIn } from './store-trash.js';

/** `RANDOM.UNTIL.audio`: until in ms since 1970, 0 for ever. A profile's file says which are its own. */
const RECORDING = /^[0-9a-f]{16}\.(\d+)\.audio$/;
const MAX_RECORDING_BYTES = 256 * 1024 * 1024;
const FILE_MODE = 0o600;

/** Recordings that are kept so that profiles can be made again, in a folder of their own. */
export class StoreRecordings {
  readonly path: string;

  constructor(store: string) {
    this.path = join(store, 'recordings');
  }

  /** Returns the files' names. Nobody has them until a profile's file says so: what a failure leaves is tidied. */
  async add(recordings: readonly KeptRecording[], keys: Keys): Promise<string[]> {
    if (recordings.length === 0) return [];
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const files: string[] = [];
    for (const { bytes, until } of recordings) {
      const untilMs = until === undefined ? 0 : Date.parse(until);
      const file = `${randomBytes(8).toString('hex')}.${untilMs}.audio`;
      const staged = await stageFile(join(this.path, file), keys.seal(bytes, file), FILE_MODE);
      await staged.place();
      files.push(file);
    }
    await syncFolder(this.path);
    return files;
  }

  /** Those that are still there. */
  async read(files: readonly string[], keys: Keys, nowMs: number): Promise<KeptRecording[]> {
    const found: KeptRecording[] = [];
    for (const file of files) {
      if (!RECORDING.test(file) || isOver(file, nowMs)) continue;
      try {
        const { bytes } = await readPrivateFile(join(this.path, file), MAX_RECORDING_BYTES);
        const ms = untilMs(file);
        const until = ms === 0 ? {} : { until: new Date(ms).toISOString() };
        found.push({ bytes: keys.open(bytes, file).bytes, ...until });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    return found;
  }

  files(): Promise<string[]> {
    return namesIn(this.path);
  }

  async isDue(nowMs: number): Promise<boolean> {
    return (await this.files()).some((file) => isOver(file, nowMs));
  }

  async drop(files: readonly string[]): Promise<void> {
    const own = files.filter((file) => !file.includes('/') && !file.includes('\\'));
    for (const file of own) await rm(join(this.path, file), { force: true });
    if (own.length > 0) await syncFolder(this.path).catch(ignoreAbsent);
  }

  /** Delete what is over; and, where `named` is known, what no profile names. */
  async tidy(named: ReadonlySet<string> | null, nowMs: number): Promise<void> {
    const files = await this.files();
    await this.drop(files.filter((file) => isOver(file, nowMs) || (named !== null && !named.has(file))));
  }
}

function untilMs(file: string): number {
  return Number(RECORDING.exec(file)?.[1] ?? 0);
}

function isOver(file: string, nowMs: number): boolean {
  const ms = untilMs(file);
  return ms !== 0 && ms <= nowMs;
}

function ignoreAbsent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
