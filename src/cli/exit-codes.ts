import { isWhospeaksError, type ErrorCode } from '../errors.js';

/** Exit codes of every command; documented in docs/errors.md. Ctrl-C after a clean flush is success. */
export const EXIT = {
  ok: 0,
  /** A fault in whospeaks itself. */
  internal: 1,
  usage: 2,
  /** Audio that is missing, damaged or not audio; an annotation with bad lines, a transcript that cannot be read. */
  audio: 3,
  model: 4,
  /** Speakers: names, too little speech, the profile store. */
  speakers: 5,
  microphone: 6,
  /** The native addon or the engine asked for. */
  engine: 7,
  /** The service: its configuration, its port; what it answered. */
  server: 8,
  /** Ctrl-C before all of several recordings were done. */
  interrupted: 130,
  /** SIGTERM; what was heard until then is told. */
  terminated: 143,
} as const;

const BY_PREFIX: readonly [prefix: string, code: number][] = [
  ['invalid-', EXIT.usage],
  ['file-', EXIT.audio],
  ['audio-', EXIT.audio],
  ['source-', EXIT.audio],
  ['annotation-', EXIT.audio],
  ['transcript-', EXIT.audio],
  ['model-', EXIT.model],
  ['speaker-', EXIT.speakers],
  ['turn-', EXIT.speakers],
  ['speech-', EXIT.speakers],
  ['store-', EXIT.speakers],
  ['microphone-', EXIT.microphone],
  ['addon-', EXIT.engine],
  ['engine-', EXIT.engine],
  ['server-', EXIT.server],
  ['recording-', EXIT.server],
  ['protocol-', EXIT.server],
  ['session-', EXIT.server],
  ['client-', EXIT.server],
  ['fleet-', EXIT.server],
];

export function exitCodeOf(code: ErrorCode): number {
  return BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? EXIT.internal;
}

/**
 * One line on stderr for an expected error, the stack for a fault of ours; returns the exit code.
 * @param about what it happened to, where the message may not say so
 */
export function reportError(error: unknown, about?: string): number {
  if (isWhospeaksError(error)) {
    const { message } = error;
    const where = about === undefined || message.includes(about) ? '' : `${about}: `;
    process.stderr.write(`error: ${where}${message} [${error.code}]\n`);
    return exitCodeOf(error.code);
  }
  process.stderr.write(
    `error: unexpected fault, please report it\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.internal;
}
