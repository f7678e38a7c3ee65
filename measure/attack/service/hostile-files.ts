import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { flacBomb } from '../../../test/stream/flac-file.js';

const M4A = fileURLToPath(new URL('../../../test/stream/fixtures/stereo-44100.m4a', import.meta.url));
/** 16 kB, half an hour of eight channels. */
const FLAC_FRAMES = 480;
const PARTS = 60_000;

export interface Upload {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** Its table says that each chunk holds all the samples that a number can say. */
export function endlessM4a(): Upload {
  const bytes = Buffer.from(readFileSync(M4A));
  // Version and flags, the number of entries, and of the first one its first chunk.
  bytes.writeUInt32BE(0xffff_ffff, bytes.indexOf('stsc') + 4 + 12);
  return { body: new Uint8Array(bytes), type: 'audio/mp4' };
}

export function endlessFlac(): Upload {
  return { body: new Uint8Array(flacBomb(FLAC_FRAMES)), type: 'audio/flac' };
}

/** Each says in another way what separates the parts, so that who counts them may see another than who reads them. */
const BOUNDARIES = [
  'boundary=bb',
  'boundary="bb"',
  'boundary="b\\b"',
  'boundary=aa; boundary=bb',
  'boundary=bb; boundary=aa',
  'x="; boundary=aa"; boundary=bb',
  'Boundary = "bb"',
];

export function forms(): Upload[] {
  const part = '--bb\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n';
  const body = new TextEncoder().encode(`${part.repeat(PARTS)}--bb--\r\n`);
  return BOUNDARIES.map((boundary) => ({ body, type: `multipart/form-data; ${boundary}` }));
}
