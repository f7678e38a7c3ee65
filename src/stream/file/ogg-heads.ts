import { PAGE_HEADER_BYTES } from './ogg-page.js';

export type OggFormat = 'ogg-opus' | 'ogg-vorbis' | 'ogg-flac';

/** How the first packet of a stream begins. */
const SIGNATURES: readonly (readonly [signature: string, format: OggFormat])[] = [
  ['OpusHead', 'ogg-opus'],
  ['\x01vorbis', 'ogg-vorbis'],
  ['\x7fFLAC', 'ogg-flac'],
];
const FLAGS_OFFSET = 5;
const FLAG_FIRST = 2;
const SERIAL_OFFSET = 14;

export function isFirstPage(page: Uint8Array): boolean {
  return (page[FLAGS_OFFSET]! & FLAG_FIRST) !== 0;
}

/** Number of the logical stream that a page belongs to. */
export function serialOf(page: Uint8Array): number {
  return new DataView(page.buffer, page.byteOffset, page.length).getUint32(SERIAL_OFFSET, true);
}

/** How the stream is coded that this page is the first of; null where it is no audio that is read. */
export function formatOf(page: Uint8Array): OggFormat | null {
  const packet = page.subarray(PAGE_HEADER_BYTES + page[PAGE_HEADER_BYTES - 1]!);
  const text = Buffer.from(packet.subarray(0, 8)).toString('latin1');
  return SIGNATURES.find(([signature]) => text.startsWith(signature))?.[1] ?? null;
}

/**
 * The first page of the first stream of audio in a file that begins with these bytes. Streams of video and of other
 * things ("skeletons") may begin before it: the first pages of all stand together (RFC 3533, 4).
 */
export function firstAudioPage(head: Buffer): Buffer | null {
  for (let at = 0; at + PAGE_HEADER_BYTES <= head.length && head.toString('latin1', at, at + 4) === 'OggS';) {
    const segments = head[at + PAGE_HEADER_BYTES - 1]!;
    const lacing = head.subarray(at + PAGE_HEADER_BYTES, at + PAGE_HEADER_BYTES + segments);
    const end = at + PAGE_HEADER_BYTES + segments + lacing.reduce((sum, bytes) => sum + bytes, 0);
    const page = head.subarray(at, end);
    if (!isFirstPage(page)) return null;
    if (end + 8 <= head.length && formatOf(page) !== null) return page;
    at = end;
  }
  return null;
}
