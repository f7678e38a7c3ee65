import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { writeWholeFile } from '../whole-file.js';
import type { RemoteModel } from './registry.js';

/** Where pulled models lie: `WHOSPEAKS_CACHE`, else the platform's cache folder. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['WHOSPEAKS_CACHE'] ?? envPaths('whospeaks', { suffix: '' }).cache;
}

/** The file in which a remote model is kept. One folder a repo, so that no two share a name. */
export function cachedPath(model: RemoteModel, folder: string): string {
  return join(folder, 'models', model.repo.replace('/', '--'), ...model.file.split('/'));
}

const recordSchema = z.object({
  name: z.string(),
  url: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().nonnegative(),
  licence: z.string(),
  attribution: z.string(),
});

/** What was learnt when a model was first fetched; kept beside it as `FILE.record.json`. */
export type CacheRecord = z.output<typeof recordSchema>;

const recordPath = (file: string): string => `${file}.record.json`;

/** The record of a file that is in the cache; undefined where the file or a readable record is missing. */
export async function readRecord(file: string): Promise<CacheRecord | undefined> {
  try {
    await access(file);
    return recordSchema.parse(JSON.parse(await readFile(recordPath(file), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeRecord(file: string, record: CacheRecord): Promise<void> {
  await writeWholeFile(recordPath(file), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The record of a cached model that is whole: the file is there and its sha256 is the recorded one.
 * Undefined where nothing is cached. Throws `model-hash` where the file has changed since it was fetched.
 */
export async function verifyCached(file: string): Promise<CacheRecord | undefined> {
  const record = await readRecord(file);
  if (!record) return undefined;
  const sha256 = await hashFile(file);
  if (sha256 !== record.sha256) {
    throw new WhospeaksError(
      'model-hash',
      `${file}: sha256 ${sha256} is not the ${record.sha256} recorded when it was fetched; ` +
        `remove ${dirname(file)} and pull the model again`,
    );
  }
  return record;
}

/** sha256 of a file, in hex. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The cache cannot hold `path`. */
export function unwritable(path: string, cause: unknown): WhospeaksError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new WhospeaksError(
    'model-unwritable',
    `cannot write to the cache ${dirname(path)}: ${why}; check its rights and free space`,
    { cause },
  );
}

/** Remove files, whether they are there or not. */
export async function removeFiles(...files: string[]): Promise<void> {
  await Promise.all(files.map((file) => rm(file, { force: true })));
}
