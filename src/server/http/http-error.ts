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
  'session-unknown': 404,
  'speaker-exists': 409,
  'speech-too-short': 422,
  'audio-empty': 422,
  'audio-truncated': 422,
  'audio-corrupt': 422,
  'audio-unsupported': 422,
  'audio-not-finite': 422,
  'audio-format': 422,
  'audio-limit': 422,
  'server-limit': 429,
  'server-full': 503,
  'server-draining': 503,
  'store-locked': 503,
};

const statusOf = new WeakMap<WhospeaksError, number>();

/** An error that is answered with another status than its code has. */
export function withStatus(status: number, error: WhospeaksError): WhospeaksError {
  statusOf.set(error, status);
  return error;
}

export function notFound(): WhospeaksError {
  return new WhospeaksError('server-not-found', 'there is nothing at this path, or not with this method');
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorReply;
  /** A fault of ours, to be logged. */
  readonly isFault: boolean;
}

/** How an error is answered. What is not ours to tell is answered as a fault of the server. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const known = isWhospeaksError(error) ? error : undefined;
  const status = known === undefined ? undefined : (statusOf.get(known) ?? STATUS[known.code]);
  if (known === undefined || status === undefined) {
    const code = known?.code ?? 'server-failed';
    const message = 'the server failed at this; tell its operator if it happens again';
    return { status: 500, body: { error: { code, message } }, isFault: true };
  }
  // The store's own words say where it lies.
  const message =
    known.code === 'store-locked' ? 'the speakers are being changed; try again in a moment' : known.message;
  return { status, body: { error: { code: known.code, message } }, isFault: false };
}
