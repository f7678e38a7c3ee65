import { NEXT_STREAM } from './compressed.js';

const HEADER_BYTES = 27;
const FLAGS_OFFSET = 5;
const FLAG_CONTINUED = 1;
/** A FLAC frame of 8 channels of 65,535 samples as they are has 2 MB. */
const MAX_PACKET_BYTES = 2 ** 22;

/** The packets in the pages of an Ogg stream (RFC 3533, 5). One whose pages are not all there is left out. */
export async function* oggPackets(
  pages: AsyncIterable<Uint8Array | typeof NEXT_STREAM>,
): AsyncGenerator<Buffer | typeof NEXT_STREAM, void, undefined> {
  let begun: Uint8Array[] | null = null;
  let bytes = 0;
  let isWhole = true;
  for await (const page of pages) {
    if (page === NEXT_STREAM) {
      begun = null;
      yield page;
      continue;
    }
    const isContinued = (page[FLAGS_OFFSET]! & FLAG_CONTINUED) !== 0;
    // What goes on from a page that is missing has no beginning.
    isWhole = isContinued ? isWhole && begun !== null : true;
    if (!isContinued) begun = null;
    const segments = page[HEADER_BYTES - 1]!;
    let at = HEADER_BYTES + segments;
    for (let i = 0; i < segments; i++) {
      const lacing = page[HEADER_BYTES + i]!;
      if (begun === null) bytes = 0;
      begun ??= [];
      bytes += lacing;
      if (bytes > MAX_PACKET_BYTES) isWhole = false;
      else begun.push(page.subarray(at, at + lacing));
      at += lacing;
      // A value below 255 ends a packet.
      if (lacing === 255) continue;
      if (isWhole) yield Buffer.concat(begun);
      begun = null;
      isWhole = true;
    }
  }
}
