import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get } from 'node:https';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import { bytesOf, type ByteSource } from './byte-source.js';

const MAX_REDIRECTS = 5;
/** A server that sends nothing for so long is given up. */
const SILENCE_MS = 30_000;
const SILENCE = `nothing came for ${SILENCE_MS / 1000} s`;
/** Bytes that are asked for at a time out of order: tables of an m4a are read in small pieces. */
const RANGE_BYTES = 2 ** 18;

export interface WebOptions {
  readonly maxBytes: number;
  /** Whether to go to an address, and how: asked at the first and at each redirect. Default: https, anywhere. */
  readonly route?: (url: URL) => Pick<RequestOptions, 'lookup'>;
  readonly signal?: AbortSignal;
  /** Certificates to trust in place of Node's own; for tests. */
  readonly ca?: string;
}

/**
 * A recording on a web server. Its bytes are read in order from one answer; those out of order, where the server serves
 * ranges, each from an answer of its own.
 *
 * @throws WhospeaksError `file-not-found`, `file-unreadable`; when read, `audio-limit` beyond `maxBytes`
 */
export async function openUrl(url: URL, options: WebOptions): Promise<ByteSource> {
  const { response, at } = await follow(url, options, {});
  const name = shown(url);
  if (response.statusCode !== 200) {
    response.destroy();
    throw refused(name, response);
  }
  const { maxBytes } = options;
  const length = Number(response.headers['content-length'] ?? NaN);
  const hasRanges = response.headers['accept-ranges'] === 'bytes' && Number.isSafeInteger(length);
  const inOrder = answered(response, name);
  let readBytes = 0;
  let block: { readonly from: number; readonly bytes: Buffer } = { from: 0, bytes: Buffer.alloc(0) };
  const count = (bytes: Uint8Array): void => {
    readBytes += bytes.length;
    if (readBytes > maxBytes) {
      throw new WhospeaksError(
        'audio-limit',
        `${name} has more than ${maxBytes} bytes, the most that is read`,
      );
    }
  };
  return {
    name,
    sizeBytes: hasRanges ? length : undefined,
    read: async (wanted, position) => {
      if (position === null) {
        const bytes = await inOrder.read(wanted, null);
        count(bytes);
        return bytes;
      }
      const offset = position - block.from;
      if (offset < 0 || offset >= block.bytes.length) {
        const bytes = await readRange(at, name, position, Math.min(length, position + RANGE_BYTES), options);
        count(bytes);
        block = { from: position, bytes };
        return bytes.subarray(0, wanted);
      }
      return block.bytes.subarray(offset, offset + wanted);
    },
    close: () => inOrder.close(),
  };
}

async function readRange(
  url: URL,
  name: string,
  from: number,
  to: number,
  options: WebOptions,
): Promise<Buffer> {
  if (to <= from) return Buffer.alloc(0);
  const { response } = await follow(url, options, { range: `bytes=${from}-${to - 1}` });
  try {
    if (response.statusCode !== 206 || !response.headers['content-range']?.startsWith(`bytes ${from}-`))
      throw refused(name, response);
    const source = answered(response, name);
    const pieces: Uint8Array[] = [];
    for (let left = to - from; left > 0;) {
      const bytes = await source.read(left, null);
      if (bytes.length === 0) break;
      pieces.push(bytes);
      left -= bytes.length;
    }
    return Buffer.concat(pieces);
  } finally {
    response.destroy();
  }
}

function onlyHttps(url: URL): object {
  if (url.protocol === 'https:') return {};
  throw new WhospeaksError('file-unreadable', `${shown(url)} is no https address; refused`);
}

/** The answer to a GET, after its redirects. */
async function follow(
  url: URL,
  { ca, signal, route = onlyHttps }: WebOptions,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly response: IncomingMessage; readonly at: URL }> {
  let at = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await answer(at, shown(url), {
      ...route(at),
      ...(ca === undefined ? {} : { ca }),
      ...(signal === undefined ? {} : { signal }),
      headers,
    });
    const { location } = response.headers;
    const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0);
    if (!isRedirect || location === undefined) return { response, at };
    response.destroy();
    if (!URL.canParse(location, at)) throw unreadable(shown(url), 'it redirects to what is no address');
    at = new URL(location, at);
  }
  throw new WhospeaksError('file-unreadable', `${shown(url)}: more than ${MAX_REDIRECTS} redirects`);
}

function answer(
  url: URL,
  name: string,
  options: Omit<RequestOptions, 'headers'> & {
    readonly ca?: string;
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'whospeaks', 'accept-encoding': 'identity', ...options.headers };
    const request = (url.protocol === 'https:' ? get : getPlain)(
      url,
      { ...options, headers, agent: false },
      (response) => {
        if ((response.headers['content-encoding'] ?? 'identity') === 'identity') resolve(response);
        else {
          response.destroy();
          reject(unreadable(name, 'its answer is compressed, which was not asked for'));
        }
        clearTimeout(silence);
      },
    );
    const silence = setTimeout(() => {
      request.destroy(new Error(SILENCE));
    }, SILENCE_MS);
    request.on('error', (error) => {
      clearTimeout(silence);
      reject(isWhospeaksError(error) ? error : unreadable(name, error.message, error));
    });
  });
}

/** The bytes of an answer. Only time that is spent waiting for them counts: a slow reader is no silent server. */
function answered(response: IncomingMessage, name: string): ByteSource {
  const source = bytesOf(response, name);
  return {
    ...source,
    read: async (wanted, position) => {
      const silence = setTimeout(() => {
        response.destroy(new Error(SILENCE));
      }, SILENCE_MS);
      try {
        return await source.read(wanted, position);
      } finally {
        clearTimeout(silence);
      }
    },
  };
}

function refused(name: string, { statusCode, statusMessage }: IncomingMessage): WhospeaksError {
  if (statusCode === 404 || statusCode === 410)
    return new WhospeaksError('file-not-found', `${name} does not exist (${statusCode}); check the address`);
  return unreadable(name, `the server answers ${statusCode} ${statusMessage ?? ''}`.trim());
}

function unreadable(name: string, why: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError('file-unreadable', `${name} could not be read: ${why}`, { cause });
}

/** For messages: without the user, the password and the signatures that an address may carry. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
