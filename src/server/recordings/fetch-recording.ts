import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import type { ByteSource } from '../../stream/file/byte-source.js';
import { openUrl } from '../../stream/file/web-source.js';
import { withStatus } from '../http/http-error.js';
import { spool, type Spooled } from './spool.js';
import type { UrlPolicy } from './url-policy.js';

const PIECE_BYTES = 65_536;

export interface FetchLimits {
  readonly policy: UrlPolicy;
  readonly maxBytes: number;
  readonly maxSeconds: number;
}

/**
 * Fetch a recording and keep it on disk as one that was sent. Rejects with `server-forbidden`, `file-not-found`,
 * `file-unreadable`, `audio-limit` or `audio-empty`, each fit to be told; with the signal's reason where it is aborted.
 */
export async function fetchRecording(
  url: URL,
  { policy, maxBytes, maxSeconds }: FetchLimits,
  signal: AbortSignal,
): Promise<Spooled> {
  const late = AbortSignal.timeout(1000 * maxSeconds);
  try {
    const route = policy.route.bind(policy);
    const source = await openUrl(url, { maxBytes, route, signal: AbortSignal.any([signal, late]) });
    return await spool(piecesOf(source));
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted) {
      throw told(
        new WhospeaksError('file-unreadable', `the recording did not come within ${maxSeconds} s`, {
          cause: error,
        }),
      );
    }
    throw isWhospeaksError(error) ? told(error) : error;
  }
}

/** What came of a fetch is the client's to know. */
function told(error: WhospeaksError): WhospeaksError {
  return error.code === 'server-forbidden' ? error : withStatus(422, error);
}

async function* piecesOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (;;) {
      const piece = await source.read(PIECE_BYTES, null);
      if (piece.length === 0) return;
      yield piece;
    }
  } finally {
    await source.close();
  }
}
