import { readFileSync } from 'node:fs';

/** The samples of a 16-bit mono wav with a 44-byte header. */
export function readExample(path: string): Float32Array {
  const bytes = readFileSync(path);
  if (bytes.toString('latin1', 36, 40) !== 'data') throw new Error(`${path}: not a plain wav`);
  const count = (bytes.length - 44) / 2;
  return Float32Array.from({ length: count }, (_, i) => bytes.readInt16LE(44 + 2 * i) / 32768);
}
