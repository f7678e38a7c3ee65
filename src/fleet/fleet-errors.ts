import { isWhospeaksError, WhospeaksError } from '../errors.js';

/** JetStream's codes (`err_code`) that mean something here. */
const WRONG_LAST_SEQUENCE = new Set([10_071, 10_164]);
const NO_ROOM = new Set([10_023, 10_028, 10_047, 10_077, 10_122]);
const UNREACHABLE = new Set([10_008, 10_009, 10_039, 10_076]);
/** Errors of NATS's client where nobody answers. */
const OUT_OF_REACH = new Set([
  'TimeoutError',
  'NoRespondersError',
  'RequestError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
  'JetStreamNotEnabled',
  'JetStreamError',
]);
const STREAM_NOT_FOUND = 10_059;

/** Whether somebody else changed it meanwhile. */
export function isConflict(error: unknown): boolean {
  return WRONG_LAST_SEQUENCE.has(apiCodeOf(error) ?? 0);
}

export function isStreamMissing(error: unknown): boolean {
  return apiCodeOf(error) === STREAM_NOT_FOUND;
}

/** Codes of JetStream's own errors; undefined where it is none. */
export function apiCodeOf(error: unknown): number | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** What NATS answered, or did not, as an error of ours. WhospeaksErrors stay what they are. */
export function asFleetError(error: unknown, where: string): WhospeaksError {
  if (isWhospeaksError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : '';
  const code = apiCodeOf(error) ?? 0;
  if (NO_ROOM.has(code) || /resource|maximum|insufficient/i.test(why)) {
    return new WhospeaksError(
      'store-unwritable',
      `fleet ${where}: NATS has no room (${why}); give its JetStream more storage, or raise the limits of its streams`,
      { cause: error },
    );
  }
  if (/authorization|authentication|permission/i.test(`${name} ${why}`)) {
    return new WhospeaksError(
      'fleet-refused',
      `fleet ${where}: NATS refuses this server (${why}); check user, password or credentials, and its permissions`,
      { cause: error },
    );
  }
  if (UNREACHABLE.has(code) || OUT_OF_REACH.has(name) || code === 503 || code === 408)
    return unreachable(where, why, error);
  return new WhospeaksError('fleet-failed', `fleet ${where}: ${why}${code === 0 ? '' : ` (${code})`}`, {
    cause: error,
  });
}

export function unreachable(where: string, why: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError(
    'fleet-unreachable',
    `fleet ${where} is out of reach (${why}); check that nats-server runs with JetStream, and the network to it`,
    { cause },
  );
}
