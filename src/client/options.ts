import { WhospeaksError } from '../errors.js';
import {
  AUDIO_ENCODINGS,
  MAX_CHANNELS,
  MAX_STREAM_RATE_HZ,
  MIN_STREAM_RATE_HZ,
  type AudioEncoding,
} from '../protocol/index.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

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
  /** Where the service is: `https://host`, `ws://127.0.0.1:7979`; a path before `/v1` is kept. */
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
  /** `mix` (default): channels are mixed to one. `channels`: each is heard by itself, and events say which. */
  readonly audio?: 'mix' | 'channels' | undefined;
  /**
   * Default true: audio that the connection cannot carry is dropped, the oldest first, and shows as a `lag`
   * event. False: a recording; nothing is dropped, and `send` says when to go on.
   */
  readonly live?: boolean | undefined;
  /** How long after a turn its `final` may come, seconds; default the server's. */
  readonly latencySeconds?: number | undefined;
  /** Words of a recogniser are sent too (`sendWords`), and come back under names; default false. */
  readonly words?: boolean | undefined;
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
    'url token fetch WebSocket encoding sampleRateHz channels audio live latencySeconds words ' +
    'bufferSeconds maxAttempts backoffMs stallSeconds'
  ).split(' '),
);

/** @throws WhospeaksError `invalid-option`, naming the option, what it must be, and what it is */
export function resolveOptions(options: ConnectOptions): ResolvedOptions {
  const service = resolveService('connect', options);
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name))
      throw new WhospeaksError('invalid-option', `connect: option "${name}": no such option`);
  }
  const { latencySeconds } = options;
  if (latencySeconds !== undefined) number('latencySeconds', latencySeconds, 0.5, 10);
  return {
    ...service,
    WebSocket: socketConstructor(options.WebSocket),
    encoding: oneOf('encoding', options.encoding ?? 's16le', AUDIO_ENCODINGS),
    sampleRateHz: whole(
      'sampleRateHz',
      options.sampleRateHz ?? SAMPLE_RATE_HZ,
      MIN_STREAM_RATE_HZ,
      MAX_STREAM_RATE_HZ,
    ),
    channels: whole('channels', options.channels ?? 1, 1, MAX_CHANNELS),
    audio: oneOf('audio', options.audio ?? 'mix', ['mix', 'channels']),
    live: flag('live', options.live ?? true),
    words: flag('words', options.words ?? false),
    latencySeconds,
    bufferSeconds: number('bufferSeconds', options.bufferSeconds ?? 30, 1, 3600),
    maxAttempts: number('maxAttempts', options.maxAttempts ?? 10, 1, Infinity),
    backoffMs: ceilings(options.backoffMs ?? [500, 15_000]),
    stallSeconds: number('stallSeconds', options.stallSeconds ?? 10, 1, 600),
  };
}

/** Where the service is, for the function `where`. @throws as `resolveOptions` */
export function resolveService(
  where: string,
  options: ServiceOptions,
): Pick<ResolvedOptions, 'url' | 'token' | 'fetch'> {
  if (typeof (options as unknown) !== 'object' || (options as unknown) === null) {
    const received = shown(options);
    throw new WhospeaksError(
      'invalid-option',
      `${where}: expected an object of options, received ${received}`,
    );
  }
  const { url, token, fetch = globalThis.fetch.bind(globalThis) } = options;
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function')
    throw invalid('token', 'a string or a function', token, where);
  if (typeof fetch !== 'function') throw invalid('fetch', 'a function', fetch, where);
  return { url: serviceUrl(url, where), token, fetch };
}

/** The service's base, by http or https, with a path that ends in a slash. */
export function serviceUrl(url: string | URL, where: string): URL {
  let base: URL;
  try {
    base = new URL(url);
  } catch {
    throw invalid('url', 'an address such as http://127.0.0.1:7979', url, where);
  }
  const scheme = base.protocol.replace('ws', 'http');
  if (scheme !== 'http:' && scheme !== 'https:')
    throw invalid('url', 'an http, https, ws or wss address', url, where);
  return new URL(`${scheme}//${base.host}${base.pathname.replace(/\/*$/, '/')}`);
}

function socketConstructor(given: SocketConstructor | undefined): SocketConstructor {
  const socket = given ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
  if (socket === undefined) {
    const why = 'this runtime has none; pass that of the "ws" package';
    throw new WhospeaksError('invalid-option', `connect: option "WebSocket": ${why}`);
  }
  if (typeof socket !== 'function') throw invalid('WebSocket', 'a class', socket);
  return socket;
}

function ceilings(value: unknown): [first: number, most: number] {
  if (!Array.isArray(value) || value.length !== 2)
    throw invalid('backoffMs', 'two numbers, the first and the most', value);
  const [first, most] = value as unknown[];
  const firstMs = number('backoffMs', first, 1, 600_000);
  return [firstMs, number('backoffMs', most, firstMs, 600_000)];
}

function oneOf<Name extends string>(name: string, value: Name, known: readonly Name[]): Name {
  if (known.includes(value)) return value;
  throw invalid(name, `${known.slice(0, -1).join(', ')} or ${known.at(-1)!}`, value);
}

function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw invalid(name, 'true or false', value);
  return value;
}

function whole(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(number(name, value, least, most))) throw invalid(name, 'a whole number', value);
  return value;
}

function number(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw invalid(name, most === Infinity ? `${least} or more` : `${least} to ${most}`, value);
}

function invalid(name: string, expected: string, received: unknown, where = 'connect'): WhospeaksError {
  return new WhospeaksError(
    'invalid-option',
    `${where}: option "${name}": expected ${expected}, received ${shown(received)}`,
  );
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
