/**
 * Every error that whospeaks raises on purpose has one of these codes. They are part of the public
 * interface: a code is never renamed or reused. `docs/errors.md` says what each one means.
 */
export const ERROR_CODES = [
  // options and usage
  'invalid-option',
  // sound in
  'file-not-found',
  'file-unreadable',
  'audio-empty',
  'audio-truncated',
  'audio-corrupt',
  'audio-unsupported',
  'audio-not-finite',
  'audio-format',
  'audio-limit',
  'microphone-unavailable',
  'microphone-failed',
  'microphone-suspended',
  'source-closed',
  // models
  'model-not-found',
  'model-corrupt',
  'model-unsupported',
  'model-shape',
  'model-unsafe',
  'model-download',
  'model-hash',
  'model-offline',
  'model-mismatch',
  'model-unwritable',
  // the native engine
  'addon-missing',
  'engine-unavailable',
  'engine-closed',
  'engine-failed',
  // speakers
  'speaker-name',
  'speaker-exists',
  'speaker-not-found',
  'turn-not-found',
  'speaker-changed',
  'speech-too-short',
  'invalid-snapshot',
  'store-corrupt',
  'store-locked',
  'store-unwritable',
  'store-full',
  'store-exposed',
  'store-key',
  'store-unencrypted',
  // the service and its clients
  'server-config',
  'server-listen',
  'server-unauthorized',
  'server-forbidden',
  'server-not-found',
  'server-full',
  'server-limit',
  'server-timeout',
  'server-draining',
  'server-starting',
  'server-failed',
  'server-unreachable',
  'server-tls',
  'server-lost',
  'protocol-version',
  'protocol-message',
  'protocol-sequence',
  'protocol-credit',
  'session-unknown',
  'recording-unknown',
  'recording-unfinished',
  'session-superseded',
  'client-too-slow',
  // several servers on one NATS
  'fleet-unavailable',
  'fleet-unreachable',
  'fleet-refused',
  'fleet-foreign',
  'fleet-failed',
  // transcripts of recognisers
  'transcript-format',
  'transcript-times',
  'transcript-limit',
  'transcript-ahead',
  // evaluation
  'annotation-format',
  'annotation-empty',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * The one error class of the SDK. `message` is one line that says what is wrong and what to do next;
 * `code` is stable; `cause` keeps the underlying error where there is one.
 */
export class WhospeaksError extends Error {
  override readonly name = 'WhospeaksError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Narrow an unknown error to a WhospeaksError, optionally of one code. */
export function isWhospeaksError(error: unknown, code?: ErrorCode): error is WhospeaksError {
  return error instanceof WhospeaksError && (code === undefined || error.code === code);
}
