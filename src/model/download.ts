import { open, readFile, stat } from 'node:fs/promises';
import { isWhospeaksError, WhospeaksError } from '../errors.js';
import { assertSize, writeBytes, writeWholeFile } from '../whole-file.js';
import { removeFiles, unwritable } from './cache.js';
import { delay } from './delay.js';
import { hubGet, shownUrl } from './http.js';

export interface DownloadProgress {
  /** Bytes that are on disk, those of an earlier try included. */
  readonly bytes: number;
  /** Size of the whole file, where the server says it. */
  readonly totalBytes?: number | undefined;
}

export interface DownloadRequest {
  readonly url: URL;
  /** The unfinished file; left behind after a failure, for the next call to go on with. */
  readonly partFile: string;
  readonly token?: string | undefined;
  readonly maxBytes: number;
  /** Tries after the first, counted anew whenever a try has brought bytes. */
  readonly retries: number;
  /** Wait before the first retry; doubled for each further one, up to a minute. */
  readonly retryDelayMs: number;
  /** A connection that brings no byte for so long is given up. */
  readonly stallTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

const MAX_DELAY_MS = 60_000;

/** A failure that a later try may not meet. */
class Transient extends Error {
  constructor(
    message: string,
    readonly retryAfterMs?: number,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Fetch a URL into `partFile`, going on where an earlier try stopped (Range with If-Range, so that a file
 * that has changed on the server starts anew). Waits and tries again after 429, 5xx, a cut connection or a
 * stall. Resolves with the sha256 that the hub states, where it does, once the body is complete.
 *
 * Throws `model-not-found` (404), `model-unwritable` (a full disk), `model-download` (everything else), or the signal's
 * reason.
 */
export async function download(request: DownloadRequest): Promise<{ statedSha256?: string | undefined }> {
  const { signal, url } = request;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(request.partFile);
    try {
      return await tryOnce(request);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      failures = (await sizeOf(request.partFile)) > before ? 1 : failures + 1;
      if (failures > request.retries) {
        throw new WhospeaksError(
          'model-download',
          `${shownUrl(url)}: ${error.message}; run the same command again to resume the download`,
          { cause: error },
        );
      }
      const backoffMs = request.retryDelayMs * 2 ** (failures - 1);
      await delay(Math.min(error.retryAfterMs ?? backoffMs, MAX_DELAY_MS), signal);
    }
  }
}

async function tryOnce(request: DownloadRequest): Promise<{ statedSha256?: string | undefined }> {
  const stall = new AbortController();
  const signal = request.signal ? AbortSignal.any([request.signal, stall.signal]) : stall.signal;
  const timer = setTimeout(() => {
    stall.abort();
  }, request.stallTimeoutMs);
  try {
    return await transfer(request, signal, () => timer.refresh());
  } catch (error) {
    if (isWhospeaksError(error) || error instanceof Transient) throw error;
    const reason = stall.signal.aborted
      ? `no byte came for ${request.stallTimeoutMs / 1000} s`
      : whyNot(error);
    throw new Transient(reason, undefined, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function transfer(
  request: DownloadRequest,
  signal: AbortSignal,
  alive: () => void,
): Promise<{ statedSha256?: string | undefined }> {
  const { url, partFile, maxBytes } = request;
  const etagFile = `${partFile}.etag`;
  const etag = await readFile(etagFile, 'utf8').catch(() => undefined);
  // Without a name for the version on disk, its bytes cannot be told from those of another.
  const offset = etag ? await sizeOf(partFile) : 0;
  const headers: Record<string, string> = {};
  if (etag && offset > 0) Object.assign(headers, { range: `bytes=${offset}-`, 'if-range': etag });
  const { response, statedSha256 } = await hubGet({ url, headers, token: request.token, signal });
  alive();
  if (response.status === 416) {
    await removeFiles(partFile, etagFile);
    throw new Transient('the server does not go on from what was fetched before');
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw refusal(response, url);
  }
  const range = contentRange(response);
  const resumed = response.status === 206 && range?.start === offset;
  if (response.status === 206 && !resumed) {
    await response.body.cancel();
    await removeFiles(partFile, etagFile);
    throw new Transient('the server sent another part than was asked for');
  }
  const length = numberOf(response.headers.get('content-length'));
  let bytes = resumed ? offset : 0;
  const totalBytes = range?.total ?? (length === undefined ? undefined : bytes + length);
  if (totalBytes !== undefined && totalBytes > maxBytes) {
    await response.body.cancel();
    throw new WhospeaksError(
      'model-download',
      `${shownUrl(url)}: ${totalBytes} bytes; models are limited to ${maxBytes}`,
    );
  }
  const strong = response.headers.get('etag');
  // What a disk refuses, it refuses a second time.
  const onDisk = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      throw unwritable(partFile, error);
    });
  if (!resumed) {
    await removeFiles(partFile);
    if (strong?.startsWith('"')) await onDisk(writeWholeFile(etagFile, strong));
    else await removeFiles(etagFile);
  }
  const file = await onDisk(open(partFile, resumed ? 'a' : 'w'));
  try {
    request.onProgress?.({ bytes, totalBytes });
    for await (const chunk of response.body) {
      alive();
      if (bytes + chunk.length > maxBytes) {
        throw new WhospeaksError(
          'model-download',
          `${shownUrl(url)}: more than ${maxBytes} bytes, the limit for models`,
        );
      }
      await onDisk(writeBytes(file, chunk, bytes));
      bytes += chunk.length;
      request.onProgress?.({ bytes, totalBytes });
    }
    await onDisk(file.sync());
    await onDisk(assertSize(file, bytes));
  } finally {
    await file.close();
  }
  if (totalBytes !== undefined && bytes !== totalBytes) {
    throw new Transient(`the connection was cut after ${bytes} of ${totalBytes} bytes`);
  }
  return { statedSha256 };
}

/** What an error status means to the user. */
function refusal(response: Response, url: URL): Error {
  const { status } = response;
  const where = shownUrl(url);
  if (status === 404) {
    return new WhospeaksError(
      'model-not-found',
      `${where}: no such file (404); check the name and the repository`,
    );
  }
  if (status === 401 || status === 403) {
    return new WhospeaksError(
      'model-download',
      `${where}: access refused (${status}); accept the model's terms on its page and set HF_TOKEN`,
    );
  }
  if (status === 429 || status === 408 || status >= 500) {
    return new Transient(`the server answered ${status}`, retryAfterMs(response.headers.get('retry-after')));
  }
  return new WhospeaksError('model-download', `${where}: the server answered ${status}; try again later`);
}

/** Seconds, or a date. */
function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined;
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : undefined;
}

function contentRange(response: Response): { start: number; total?: number | undefined } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  return match ? { start: Number(match[1]), total: numberOf(match[2]!) } : undefined;
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** fetch says only "fetch failed"; the cause has the system's word for it. */
function whyNot(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? (error as NodeJS.ErrnoException).code;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the host cannot be found (${code}); check the network`;
  if (code === 'ECONNREFUSED') return `the connection was refused (${code}); check the network`;
  return `the transfer failed (${code ?? String(error)})`;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
