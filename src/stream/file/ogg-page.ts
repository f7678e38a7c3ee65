/** Bytes of a page before the lacing of its packets (RFC 3533, 6). */
export const PAGE_HEADER_BYTES = 27;
export const CHECKSUM_OFFSET = 22;
export const GRANULE_OFFSET = 6;

/** The sample that a page ends with, by its codec's count; below 0 where no packet ends on it. */
export function granuleOf(page: Uint8Array): number {
  return Number(new DataView(page.buffer, page.byteOffset, page.length).getBigInt64(GRANULE_OFFSET, true));
}

/** CRC-32 as Ogg computes it (RFC 3533, 6): polynomial 0x04c11db7, not reflected, starting from 0. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let crc = i << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc >>> 0;
});

/** Of a page, as if the checksum in it were 0. */
export function pageChecksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + 4 ? 0 : page[i]!;
    crc = ((crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ byte) & 0xff]!) >>> 0;
  }
  return crc;
}

/** A page of one packet. @throws Error where it is too large for one */
export function oggPage(packet: Uint8Array, sequence: number): Buffer {
  const lacing = Math.floor(packet.length / 255) + 1;
  if (lacing > 255) throw new Error(`a packet of ${packet.length} bytes is too large`);
  const page = Buffer.alloc(PAGE_HEADER_BYTES + lacing + packet.length);
  page.write('OggS', 'latin1');
  page[5] = sequence === 0 ? 2 : 0;
  page.writeUInt32LE(1, 14);
  page.writeUInt32LE(sequence, 18);
  page[PAGE_HEADER_BYTES - 1] = lacing;
  page.fill(255, PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + lacing - 1);
  page[PAGE_HEADER_BYTES + lacing - 1] = packet.length % 255;
  page.set(packet, PAGE_HEADER_BYTES + lacing);
  page.writeUInt32LE(pageChecksum(page), CHECKSUM_OFFSET);
  return page;
}
