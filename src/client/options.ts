import { WhospeaksError } from '../errors.js';
import {
  MAX_CHANNELS,
  MAX_STREAM_RATE_HZ,
  MIN_STREAM_RATE_HZ,
  type AudioEncoding,
} from '../protocol/index.js';

/** What is needed of a WebSocket: the browser's and that of the `ws` package fit. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number }) => void): void;
  addEventListener(type: 'open' | 'error', listener: (event: object) => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** A bearer token, or where to get the present one from: it is asked for before each connection. */
export type Token = string | (() => string | Promise<string>);

export interface ServiceOptions {
  /** Where the service is: `https://host`, `ws://127.0.0.1:8420`; a path before `/v1` is kept. */
  readonly url: string | URL;
  /** Left out where the server has no tokens. It travels in a header, never in a URL. */
  readonly token?: Token | undefined;
  /** Default: the global one, of browsers and of Node. */
  readonly fetch?: typeof fetch | undefined;
}

export interface ConnectOptions extends ServiceOptions {
  /** Default: the global one. Node 20 has none: pass that of the `ws` package. */
  readonly WebSocket?: SocketConstructor | undefined;
  /** Default `s16le`. */
  readonly encoding?: AudioEncoding | undefined;
  /** 8000 to 48000; default 16000, what the microphone of this client gives. */
  readonly sampleRateHz?: number | undefined;
  /** 1 to 8, interleaved; default 1. */
  readonly channels?: number | undefined;
  /**
   * Default true: audio that the connection cannot carry is dropped, the oldest first, and shows as a `lag`
   * event. False: a recording; nothing is dropped, and `send` says when to go on.
   */
  readonly live?: boolean | undefined;
  /** How long after a turn its `final` may come, seconds; default the server's. */
  readonly latencySeconds?: number | undefined;
  /** Audio that may wait here for the connection, seconds; default 30. */
  readonly bufferSeconds?: number | undefined;
  /** Attempts to connect in a row before it is given up; default 10, about a minute and a half. */
  readonly maxAttempts?: number | undefined;
  /** Ceilings of the first and of every wait between attempts, ms; default 500 and 15000. */
  readonly backoffMs?: readonly [first: number, most: number] | undefined;
  /** Silence of the server, while it owes an answer, after which the connection counts as dead, seconds; default 10. */
  readonly stallSeconds?: number | undefined;
}

type Settled = Omit<ConnectOptions, 'latencySeconds' | 'token' | 'url'>;

/** The options, checked, with their defaults. */
export type ResolvedOptions = { readonly [K in keyof Settled]-?: Exclude<Settled[K], undefined> } & {
  readonly url: URL;
  readonly token: Token | undefined;
  readonly latencySeconds: number | undefined;
};

const KNOWN = new Set(
  (
    'url token fetch WebSocket encoding sampleRateHz channels live latencySeconds bufferSeconds maxAttempts ' +
    'backoffMs stallSeconds'
  ).split(' '),
);

/** @throws WhospeaksError `invalid-option`, naming the option, what it must be, and what it is */
export function resolveOptions(options: ConnectOptions): ResolvedOptions {
  for (const name of Object.keys(options)) if (!KNOWN.has(name)) throw invalid(name, 'no such option');
  const socket = options.WebSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (socket === undefined)
    throw invalid('WebSocket', 'this runtime has none; pass that of the "ws" package');
  const encoding = options.encoding ?? 's16le';
  if (!['s16le', 'f32le', 'mulaw'].includes(encoding)) throw invalid('encoding', 's16le, f32le or mulaw');
  const [firstMs, mostMs] = options.backoffMs ?? [500, 15_000];
  return {
    url: serviceUrl(options.url),
    token: options.token,
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    WebSocket: socket,
    encoding,
    sampleRateHz: number(
      'sampleRateHz',
      options.sampleRateHz ?? 16_000,
      MIN_STREAM_RATE_HZ,
      MAX_STREAM_RATE_HZ,
    ),
    channels: number('channels', options.channels ?? 1, 1, MAX_CHANNELS),
    live: options.live ?? true,
    latencySeconds: options.latencySeconds,
    bufferSeconds: number('bufferSeconds', options.bufferSeconds ?? 30, 1, 3600),
    maxAttempts: number('maxAttempts', options.maxAttempts ?? 10, 1, Infinity),
    backoffMs: [number('backoffMs', firstMs, 1, 600_000), number('backoffMs', mostMs, firstMs, 600_000)],
    stallSeconds: number('stallSeconds', options.stallSeconds ?? 10, 1, 600),
  };
}

/** The service's base, by http or https, with a path that ends in a slash. */
export function serviceUrl(url: string | URL): URL {
  let base: URL;
  try {
    base = new URL(url);
  } catch {
    throw invalid('url', 'an address such as http://127.0.0.1:8420');
  }
  const scheme = base.protocol.replace('ws', 'http');
  if (scheme !== 'http:' && scheme !== 'https:') throw invalid('url', 'an http, https, ws or wss address');
  return new URL(`${scheme}//${base.host}${base.pathname.replace(/\/*$/, '/')}`);
}

function number(name: string, value: number, least: number, most: number): number {
  if (!(value >= least && value <= most))
    throw invalid(name, `expected ${least} to ${most}, received ${value}`);
  return value;
}

function invalid(name: string, why: string): WhospeaksError {
  return new WhospeaksError('invalid-option', `connect: option "${name}": ${why}`);
}
