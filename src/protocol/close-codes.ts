/**
 * Why the server closed the WebSocket. Codes are stable: none is ever renamed or reused. Before any but `done`
 * the server sends an `error` (or `drain`) message that says it in words.
 */
export const CLOSE = {
  /** The stream was ended, and every event of it was sent. From a client: the session is given up. */
  done: 1000,
  /** The server shuts down, and another of its fleet goes on with the session: resume. */
  goingAway: 1001,
  /** A message is larger than `welcome.maxMessageBytes`. */
  tooBig: 1009,
  /** The server shuts down: connect anew, the session is gone. */
  restart: 1012,
  /** A message that the protocol does not know, or that came out of turn. */
  protocol: 4000,
  /** The hello did not come in time, or nothing at all came for too long. */
  timeout: 4002,
  /** The token may not do this. */
  forbidden: 4003,
  /** There is nothing to resume: the window is over, or the resume token is wrong. Begin a new session. */
  sessionUnknown: 4004,
  /** An audio message is missing: its sequence number is not the next. Resume. */
  sequence: 4005,
  /** More audio was sent than the credit allowed. */
  credit: 4006,
  /** The audio cannot be used: not a number, or no whole sample. */
  audio: 4007,
  /** Another connection resumed this session. */
  superseded: 4009,
  /** Events were not read fast enough. Resume. */
  slowReader: 4010,
  /** The server has as many streams as it can serve in time. Try again later, elsewhere. */
  full: 4013,
  /** The token has as many streams as it may, or asks too often. */
  limited: 4029,
  /** A fault of the server. */
  internal: 4500,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** Whether a client that still has audio may reconnect and resume its session after this close code. */
export function mayResume(code: number): boolean {
  if (code === CLOSE.sequence || code === CLOSE.slowReader || code === CLOSE.timeout) return true;
  // What the network or a proxy did: 1001, 1005, 1006, 1011, 1013, 1014. Not done, too big, or restart.
  return code < 4000 && code !== CLOSE.done && code !== CLOSE.tooBig && code !== CLOSE.restart;
}

/** Whether it makes sense to try again with a new session, after a while. */
export function mayRestart(code: number): boolean {
  return (
    code === CLOSE.restart ||
    code === CLOSE.sessionUnknown ||
    code === CLOSE.full ||
    code === CLOSE.limited ||
    code === CLOSE.internal
  );
}
