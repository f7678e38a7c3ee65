import { createHash } from 'node:crypto';

/** The parts in a row, text as UTF-8, to hex. */
export function sha256(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
