/** Block sizes and rates that a frame header's codes stand for (RFC 9639, 9.1.1 and 9.1.2). */
const BLOCK_SAMPLES = [0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768];
const BLOCK_CODE_8_BITS = 6;
const BLOCK_CODE_16_BITS = 7;
/** Bytes that follow the coded number for each rate code. */
const RATE_BYTES = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2];
/** Codes of the bits a sample (9.1.4). 0 is: as STREAMINFO says. */
const BITS_CODES: Record<number, number> = { 8: 1, 12: 2, 16: 4, 20: 5, 24: 6, 32: 7 };
const RESERVED_BITS_CODE = 3;
/** Any rate that has a code: that of STREAMINFO is the one that counts. */
const RATE_CODE_44100 = 9;

/** Longest header: with a number of 7 bytes, 2 of block size, 2 of rate, and the CRC. */
export const MAX_HEADER_BYTES = 4 + 7 + 2 + 2 + 1;

/** What STREAMINFO (RFC 9639, 8.2) tells of all frames. */
export interface FlacInfo {
  readonly rateHz: number;
  readonly channels: number;
  readonly bits: number;
  /** Samples a channel of the whole stream, 0 where the encoder did not know. */
  readonly totalSamples: number;
}

/** @param bytes the 34 of STREAMINFO */
export function parseFlacInfo(bytes: Buffer): FlacInfo {
  const word = bytes.readUIntBE(10, 4);
  return {
    rateHz: word >>> 12,
    channels: ((word >>> 9) & 7) + 1,
    bits: ((word >>> 4) & 31) + 1,
    totalSamples: (word & 15) * 2 ** 32 + bytes.readUInt32BE(14),
  };
}

export interface FlacHeader {
  readonly bytes: number;
  readonly samples: number;
  readonly channels: number;
}

/** The frame header at this place, whose CRC-8 is right; null where there is none, or it is cut. */
export function parseFlacHeader(bytes: Uint8Array, at: number): FlacHeader | null {
  if (bytes[at] !== 0xff || (bytes[at + 1]! & 0xfe) !== 0xf8) return null;
  const blockCode = bytes[at + 2]! >> 4;
  const rateBytes = RATE_BYTES[bytes[at + 2]! & 15];
  const assignment = bytes[at + 3]! >> 4;
  const bitsCode = (bytes[at + 3]! >> 1) & 7;
  const isReserved = blockCode === 0 || assignment > 10 || bitsCode === RESERVED_BITS_CODE;
  if (isReserved || rateBytes === undefined || (bytes[at + 3]! & 1) === 1) return null;
  const numberBytes = codedNumberBytes(bytes[at + 4]!);
  if (numberBytes === null) return null;
  let end = at + 4 + numberBytes;
  let samples = BLOCK_SAMPLES[blockCode]!;
  if (blockCode === BLOCK_CODE_8_BITS) samples = bytes[end++]! + 1;
  if (blockCode === BLOCK_CODE_16_BITS) samples = bytes[end++]! * 256 + bytes[end++]! + 1;
  end += rateBytes;
  if (end >= bytes.length || bytes[end] !== crc8(bytes, at, end)) return null;
  return { bytes: end + 1 - at, samples, channels: assignment < 8 ? assignment + 1 : 2 };
}

/** Length of a number coded as UTF-8 codes a character, by its first byte. */
function codedNumberBytes(first: number): number | null {
  const ones = Math.clz32(~(first << 24));
  if (ones === 0) return 1;
  return ones === 1 || ones > 7 ? null : ones;
}

/**
 * The same frame, with everything in its header that the decoder, which sees no STREAMINFO, would have to look up
 * there; null where the header has no code for it.
 */
export function selfContained(frame: Uint8Array, header: FlacHeader, info: FlacInfo): Uint8Array | null {
  const lacksRate = (frame[2]! & 15) === 0;
  const lacksBits = ((frame[3]! >> 1) & 7) === 0;
  if (!lacksRate && !lacksBits) return frame;
  const bitsCode = BITS_CODES[info.bits];
  if (lacksBits && bitsCode === undefined) return null;
  const whole = Uint8Array.from(frame);
  if (lacksRate) whole[2]! |= RATE_CODE_44100;
  if (lacksBits) whole[3]! |= bitsCode! << 1;
  whole[header.bytes - 1] = crc8(whole, 0, header.bytes - 1);
  const footer = whole.length - 2;
  const crc = crc16(0, whole, 0, footer);
  whole[footer] = crc >> 8;
  whole[footer + 1] = crc & 0xff;
  return whole;
}

function crcTable(width: 8 | 16, polynomial: number): Uint16Array {
  const top = 1 << (width - 1);
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) crc = crc & top ? (crc << 1) ^ polynomial : crc << 1;
    return crc & (2 ** width - 1);
  });
}

const CRC8 = crcTable(8, 0x07);
const CRC16 = crcTable(16, 0x8005);

function crc8(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) crc = CRC8[crc ^ bytes[i]!]!;
  return crc;
}

/** CRC-16 of a frame, gone on with from `crc`: of a frame with its footer it is 0. */
export function crc16(crc: number, bytes: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ bytes[i]!]!;
  return crc;
}

/** A packet that is one whole frame, as Ogg carries them; null where it is damaged. */
export function wholeFlacFrame(packet: Uint8Array): FlacHeader | null {
  const header = parseFlacHeader(packet, 0);
  return header !== null && crc16(0, packet, 0, packet.length) === 0 ? header : null;
}
