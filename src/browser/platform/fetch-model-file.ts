import { WhospeaksError } from '../../errors.js';

/** The largest network of the family is a hundredth of this. */
const MAX_FILE_BYTES = 1 << 30;

/** Rejects with `model-not-found` (no such file there), `model-download` or `model-unsupported` (too large). */
export async function fetchModelFile(url: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw failed(url, 'no connection, or a policy that forbids it (connect-src)', cause);
  }
  if (response.status === 404 || response.status === 410) {
    throw new WhospeaksError('model-not-found', `${url}: no such model file; check the address`);
  }
  if (!response.ok) throw failed(url, `status ${response.status}`);
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw failed(url, 'the connection broke', cause);
  }
  if (bytes.length <= MAX_FILE_BYTES) return bytes;
  throw new WhospeaksError(
    'model-unsupported',
    `${url}: ${bytes.length} bytes; models are limited to ${MAX_FILE_BYTES}`,
  );
}

function failed(url: string, reason: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError('model-download', `${url} cannot be fetched: ${reason}; try again`, { cause });
}
