import { isWhospeaksError, WhospeaksError, type ErrorCode } from '../../errors.js';
import type { ErrorReply } from '../../protocol/index.js';

const STATUS: Partial<Record<ErrorCode, number>> = {
  'invalid-option': 400,
  'speaker-name': 400,
  'protocol-message': 400,
  'protocol-version': 400,
  'server-unauthorized': 401,
  'server-forbidden': 403,
  'server-not-found': 404,
  'speaker-not-found': 404,
  'turn-not-found': 404,
  'session-unknown': 404,
  'recording-unknown': 404,
  'recording-unfinished': 409,
  'speaker-exists': 409,
  'speaker-changed': 409,
  'store-corrupt': 409,
  'model-mismatch': 409,
  'store-full': 409,
  'speech-too-short': 422,
  'audio-empty': 422,
  'audio-truncated': 422,
  'audio-corrupt': 422,
  'audio-unsupported': 422,
  'audio-not-finite': 422,
  'audio-format': 422,
  'audio-limit': 422,
  'source-closed': 409,
  'transcript-format': 422,
  'transcript-times': 422,
  'transcript-limit': 422,
  'transcript-ahead': 422,
  'server-limit': 429,
  'server-full': 503,
  'server-draining': 503,
  'server-starting': 503,
  'store-locked': 503,
  'store-unwritable': 503,
  'fleet-unreachable': 503,
};

type Headers = Readonly<Record<string, string>>;
const answerOf = new WeakMap<WhospeaksError, { readonly status: number; readonly headers: Headers }>();

/** An error that is answered with another status than its code has, or with headers of its own. */
export function withStatus(status: number, error: WhospeaksError, headers: Headers = {}): WhospeaksError {
  answerOf.set(error, { status, headers });
  return error;
}

export function notFound(): WhospeaksError {
  return new WhospeaksError(
    'server-not-found',
    'there is nothing at this path; docs/protocol.md lists what there is',
  );
}

/** @param allow the methods that the path has */
export function methodNotAllowed(allow: string): WhospeaksError {
  const error = new WhospeaksError('server-not-found', `this path has not that method; it has ${allow}`);
  return withStatus(405, error, { allow });
}

/** The headers that go with a status, whatever the error. */
const HEADERS: Readonly<Record<number, Headers>> = {
  // What was not read of the request is not worth reading.
  401: { 'www-authenticate': 'Bearer', connection: 'close' },
  413: { connection: 'close' },
  429: { 'retry-after': '1' },
  503: { 'retry-after': '1' },
};

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ErrorReply;
  /** A fault of ours, to be logged. */
  readonly isFault: boolean;
}

/** Of errors whose own words say where the store lies. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  'store-locked': 'the speakers are being changed; try again in a moment',
  'store-unwritable': 'the speakers cannot be changed now; tell the operator if it lasts',
  'fleet-unreachable':
    'what the servers share is out of reach and cannot be changed now; streams go on; try again in a moment',
};

/** How an error is answered. What is not ours to tell is answered as a fault of the server. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const known = isWhospeaksError(error) ? error : undefined;
  const special = known === undefined ? undefined : answerOf.get(known);
  const status = special?.status ?? (known === undefined ? undefined : STATUS[known.code]);
  if (known === undefined || status === undefined) {
    const code = known?.code ?? 'server-failed';
    const message = 'the server failed at this; tell its operator if it happens again';
    return { status: 500, headers: {}, body: { error: { code, message } }, isFault: true };
  }
  const message = WORDS[known.code] ?? known.message;
  const headers = { ...HEADERS[status], ...special?.headers };
  return { status, headers, body: { error: { code: known.code, message } }, isFault: false };
}
