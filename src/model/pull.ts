import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { LockError, withFileLock } from '../file-lock.js';
import { parseOptions } from '../options.js';
import { syncFolder } from '../whole-file.js';
import {
  cachedPath,
  cacheFolder,
  hashFile,
  removeFiles,
  unwritable,
  verifyCached,
  writeRecord,
  type CacheRecord,
} from './cache.js';
import { download, type DownloadProgress } from './download.js';
import { quote } from './fault.js';
import { shownUrl } from './http.js';
import { findRemoteModel, KNOWN_MODELS, type ModelLicence, type RemoteModel } from './registry.js';

const DEFAULT_ENDPOINT = 'https://huggingface.co';
const RELEASES = 'https://github.com';
const MAX_MODEL_BYTES = 1 << 30;
const STALE_LOCK_MS = 10_000;

const optionsSchema = z.strictObject({
  /** Called with the bytes on disk after every chunk. */
  onProgress: z
    .custom<(progress: DownloadProgress) => void>((value) => typeof value === 'function')
    .optional(),
  /** Ends the pull; what was fetched is kept for the next one. */
  signal: z.instanceof(AbortSignal).optional(),
  /** Cache folder; default `WHOSPEAKS_CACHE`, else the platform's. */
  cacheFolder: z.string().min(1).optional(),
  /** Hub or mirror; default `WHOSPEAKS_HF_ENDPOINT`, else `HF_ENDPOINT`, else Hugging Face. */
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** Never use the network; default: whether `WHOSPEAKS_OFFLINE` is 1. */
  offline: z.boolean().optional(),
  /** Access token, sent to the endpoint's own host alone; default `HF_TOKEN`. */
  token: z.string().optional(),
  /** Tries after the first one that brings nothing. */
  retries: z.number().int().min(0).max(100).default(5),
  /** Wait before the first retry, doubled each time; a server's Retry-After goes first. */
  retryDelayMs: z.number().min(0).default(500),
  /** Give up a connection that brings no byte for so long. */
  stallTimeoutMs: z.number().min(1).default(30_000),
});

export type PullOptions = z.input<typeof optionsSchema>;

export interface PulledModel extends ModelLicence {
  readonly name: string;
  /** The model file in the cache. */
  readonly path: string;
  readonly url: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Whether it was there already. */
  readonly cached: boolean;
}

/**
 * Bring a model of the registry, or any `hf:owner/repo/file`, into the cache, and return where it is. A
 * file appears there whole and verified or not at all; its sha256 is checked against what the makers publish
 * and what the hub states, recorded, and checked again at every later use. Pulls of the same model by
 * several processes wait for one another.
 *
 * Throws `model-not-found`, `model-download`, `model-hash`, `model-offline`, `model-unwritable`, or the signal's reason.
 */
export async function pullModel(name: string, options?: PullOptions): Promise<PulledModel> {
  const settings = parseOptions('pullModel', optionsSchema, options);
  const model = findRemoteModel(name);
  if (!model) {
    const known = KNOWN_MODELS.map((each) => each.name).join(', ');
    throw new WhospeaksError(
      'model-not-found',
      `no model named ${quote(name)}; known: ${known}, or hf:owner/repo/file`,
    );
  }
  const path = cachedPath(model, settings.cacheFolder ?? cacheFolder());
  const cached = await verifyCached(path);
  if (cached) return { ...cached, path, cached: true };
  if (settings.offline ?? process.env['WHOSPEAKS_OFFLINE'] === '1') {
    throw new WhospeaksError(
      'model-offline',
      `model ${quote(name)} is not in the cache and WHOSPEAKS_OFFLINE forbids fetching it; pull it while online`,
    );
  }
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  return withLock(path, settings.signal, async (signal) => {
    // Another process may have fetched it while this one waited.
    const fetched = await verifyCached(path);
    if (fetched) return { ...fetched, path, cached: true };
    const record = await fetchModel(model, path, { ...settings, signal });
    return { ...record, path, cached: false };
  });
}

async function fetchModel(
  model: RemoteModel,
  path: string,
  settings: z.output<typeof optionsSchema>,
): Promise<CacheRecord> {
  // A release is on GitHub, which is no mirror's and whom the hub's token does not concern.
  const isOnHub = model.release === undefined;
  const mirror = isOnHub
    ? (process.env['WHOSPEAKS_HF_ENDPOINT'] ?? process.env['HF_ENDPOINT'] ?? DEFAULT_ENDPOINT)
    : RELEASES;
  const url = modelUrl(settings.endpoint ?? mirror, model);
  const partFile = `${path}.part`;
  const { statedSha256 } = await download({
    ...settings,
    url,
    partFile,
    token: settings.token ?? (isOnHub ? process.env['HF_TOKEN'] : undefined),
    maxBytes: MAX_MODEL_BYTES,
  });
  const sha256 = await hashFile(partFile);
  for (const expected of [model.sha256Prefix, statedSha256]) {
    if (expected === undefined || sha256.startsWith(expected)) continue;
    await removeFiles(partFile, `${partFile}.etag`);
    throw new WhospeaksError(
      'model-hash',
      `${shownUrl(url)}: sha256 ${sha256} does not begin with the published ${expected}; the file was deleted`,
    );
  }
  const { size: bytes } = await stat(partFile);
  const record = { name: model.name, url: shownUrl(url), sha256, bytes, ...model.terms };
  try {
    await rename(partFile, path);
    await syncFolder(dirname(path));
    await writeRecord(path, record);
  } catch (error) {
    throw unwritable(path, error);
  }
  await removeFiles(`${partFile}.etag`);
  return record;
}

function modelUrl(endpoint: string, model: RemoteModel): URL {
  if (!URL.canParse(endpoint)) {
    throw new WhospeaksError('invalid-option', `the hub endpoint ${quote(endpoint)} is not a web address`);
  }
  const base = new URL(endpoint);
  const { repo, release, file } = model;
  const within = release === undefined ? `resolve/main/${file}` : `releases/download/${release}/${file}`;
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/${repo}/${within}`;
  return base;
}

/** Hold the lock `PATH.lock` during `work`; a lock whose holder died is taken over. */
async function withLock<Result>(
  path: string,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const options = { waitMs: Infinity, staleMs: STALE_LOCK_MS, signal: outer };
  try {
    return await withFileLock(`${path}.lock`, options, ({ signal }) =>
      work(outer ? AbortSignal.any([outer, signal]) : signal),
    );
  } catch (error) {
    outer?.throwIfAborted();
    // Of the lock, or the file system.
    const isDisk = error instanceof LockError || (error as NodeJS.ErrnoException).syscall !== undefined;
    throw isDisk ? unwritable(path, error) : error;
  }
}
