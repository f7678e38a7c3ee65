import type { ErrorCode } from '../../errors.js';
import { isWhospeaksError } from '../../errors.js';
import { CLOSE, type CloseCode, type ErrorMessage } from '../../protocol/index.js';

const BY_CODE: Partial<Record<ErrorCode, CloseCode>> = {
  'invalid-option': CLOSE.protocol,
  'protocol-version': CLOSE.protocol,
  'protocol-message': CLOSE.protocol,
  'protocol-sequence': CLOSE.sequence,
  'protocol-credit': CLOSE.credit,
  'audio-format': CLOSE.audio,
  'audio-truncated': CLOSE.audio,
  'audio-not-finite': CLOSE.audio,
  'audio-unsupported': CLOSE.audio,
  'server-forbidden': CLOSE.forbidden,
  'server-unauthorized': CLOSE.forbidden,
  'server-timeout': CLOSE.timeout,
  'server-lost': CLOSE.timeout,
  'server-full': CLOSE.full,
  'server-limit': CLOSE.limited,
  'server-draining': CLOSE.restart,
  'session-unknown': CLOSE.sessionUnknown,
  'session-superseded': CLOSE.superseded,
  'client-too-slow': CLOSE.slowReader,
};
/** When a client that was turned away may ask again. */
const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = { 'server-full': 10, 'server-limit': 5 };

/** What another server may have room for. */
const ELSEWHERE: ReadonlySet<ErrorCode> = new Set(['server-full', 'server-draining']);

/** Address of another server that has room; null where there is none. */
export type Elsewhere = () => string | null;

export interface CloseReason {
  readonly closeCode: CloseCode;
  readonly message: ErrorMessage;
}

/** How an error is told to the client whose connection it ends. What is not ours to tell is told as a fault of the server. */
export function closeReasonOf(error: unknown, elsewhere: Elsewhere = () => null): CloseReason {
  const known = isWhospeaksError(error) ? error : undefined;
  const closeCode = known === undefined ? undefined : BY_CODE[known.code];
  if (known === undefined || closeCode === undefined) {
    return {
      closeCode: CLOSE.internal,
      message: {
        type: 'error',
        code: 'server-failed',
        message: 'the server failed; begin a new session, and tell its operator if it happens again',
        fatal: true,
      },
    };
  }
  const address = ELSEWHERE.has(known.code) ? elsewhere() : null;
  const retryAfterSeconds = address === null ? RETRY_AFTER_SECONDS[known.code] : undefined;
  return {
    closeCode,
    message: {
      type: 'error',
      code: known.code,
      message: known.message,
      fatal: true,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(address === null ? {} : { elsewhere: address }),
    },
  };
}

/** Tell the reason and hang up. The close frame has room for 123 bytes; the message has the words. */
export function closeWith(
  link: { send(text: string): void; close(code: number, reason: string): void },
  error: unknown,
  elsewhere?: Elsewhere,
): CloseReason {
  const reason = closeReasonOf(error, elsewhere);
  link.send(JSON.stringify(reason.message));
  link.close(reason.closeCode, reason.message.code);
  return reason;
}
