import { crc } from '../../../test/stream/flac-file.js';
import { parseHead } from '../../../src/stream/file/matroska/ebml.js';
import { bytesFrom, field, type Field, type Mend, type Seed } from './binary.js';

/** RIFF: the size of every chunk, and each number of the format. */
export function wavSeed(bytes: Buffer): Seed {
  const fields: Field[] = [field(4, 4)];
  for (let at = 12; at + 8 <= bytes.length;) {
    fields.push(field(at + 4, 4));
    if (bytes.toString('latin1', at, at + 4) === 'fmt ') {
      const format = at + 8;
      fields.push(field(format, 2), field(format + 2, 2), field(format + 4, 4), field(format + 8, 4));
      fields.push(field(format + 12, 2), field(format + 14, 2), ...bytesFrom(format + 16, 24));
    }
    const size = bytes.readUInt32LE(at + 4);
    at += 8 + size + (size & 1);
  }
  return { bytes, fields, sums: [] };
}

/** Metadata blocks, STREAMINFO, and the header of each frame; its two checksums are mended. */
export function flacSeed(bytes: Buffer): Seed {
  const fields: Field[] = [];
  let at = 4;
  for (let isLast = false; !isLast;) {
    isLast = (bytes[at]! & 0x80) !== 0;
    fields.push(field(at), field(at + 1, 3, 'be'), ...bytesFrom(at + 4, 18));
    at += 4 + bytes.readUIntBE(at + 1, 3);
  }
  const starts = flacFrames(bytes, at);
  const sums = starts.flatMap((start, i): Mend[] => {
    const end = starts[i + 1] ?? bytes.length;
    const header = flacHeaderBytes(bytes, start);
    fields.push(...bytesFrom(start + 2, header - 2), ...bytesFrom(start + header + 1, 4));
    return [
      (copy) => (copy[start + header] = crc(copy.subarray(start, start + header), 8, 0x07)),
      (copy) => copy.writeUInt16BE(crc(copy.subarray(start, end - 2), 16, 0x8005), end - 2),
    ];
  });
  return { bytes, fields, sums };
}

/** Where frames begin: a sync code whose header has the right checksum. */
function flacFrames(bytes: Buffer, from: number): number[] {
  const starts: number[] = [];
  for (let at = from; at + 16 < bytes.length; at++) {
    if (bytes[at] !== 0xff || (bytes[at + 1]! & 0xfe) !== 0xf8) continue;
    const header = flacHeaderBytes(bytes, at);
    if (bytes[at + header] === crc(bytes.subarray(at, at + header), 8, 0x07)) starts.push(at);
  }
  return starts;
}

/** RFC 9639, 9.1: up to the checksum. */
function flacHeaderBytes(bytes: Buffer, at: number): number {
  const lead = bytes[at + 4]!;
  const number = lead < 0x80 ? 1 : Math.clz32(~(lead << 24));
  const size = bytes[at + 2]! >> 4;
  const rate = bytes[at + 2]! & 15;
  return 4 + number + (size === 6 ? 1 : size === 7 ? 2 : 0) + (rate === 12 ? 1 : rate > 12 ? 2 : 0);
}

const OGG_CRC = 0x04c11db7;
/** Bytes of each page's first packet that are numbers in the heads of Vorbis, Opus and FLAC. */
const OGG_HEAD_BYTES = 48;

/** Each page: flags, position, serial and sequence numbers, lacing, the start of what it holds. */
export function oggSeed(bytes: Buffer): Seed {
  const fields: Field[] = [];
  const sums: Mend[] = [];
  for (let at = 0; at + 27 <= bytes.length;) {
    const start = at;
    const segments = bytes[start + 26]!;
    const body = start + 27 + segments;
    const end = body + bytes.subarray(start + 27, body).reduce((sum, size) => sum + size, 0);
    fields.push(field(start + 4), field(start + 5), field(start + 6, 4), field(start + 10, 4));
    fields.push(field(start + 14, 4), field(start + 18, 4), ...bytesFrom(start + 26, 1 + segments));
    fields.push(...bytesFrom(body, Math.min(OGG_HEAD_BYTES, end - body)));
    sums.push((copy) => {
      copy.writeUInt32LE(0, start + 22);
      copy.writeUInt32LE(crc(copy.subarray(start, end), 32, OGG_CRC), start + 22);
    });
    at = end;
  }
  return { bytes, fields, sums };
}

const MP4_PARENTS = new Set([
  ...['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'udta', 'dinf'],
  ...['mvex', 'moof', 'traf'],
]);
/** Numbers of a box that are looked at: the counts and the first entries. */
const MP4_NUMBERS = 64;

/** The size and kind of each box, and the numbers of the tables. */
export function mp4Seed(bytes: Buffer): Seed {
  const fields: Field[] = [];
  const walk = (from: number, end: number): void => {
    for (let at = from; at + 8 <= end;) {
      const size = Math.max(8, bytes.readUInt32BE(at));
      const kind = bytes.toString('latin1', at + 4, at + 8);
      fields.push(field(at, 4, 'be'), field(at + 4));
      if (MP4_PARENTS.has(kind)) walk(at + 8, at + size);
      else if (kind !== 'mdat') {
        const numbers = Math.min(MP4_NUMBERS, Math.floor((size - 8) / 4));
        for (let i = 0; i < numbers; i++) fields.push(field(at + 8 + 4 * i, 4, 'be'));
        if (kind === 'stsd') fields.push(...bytesFrom(at + 8, size - 8));
      }
      at += size;
    }
  };
  walk(0, bytes.length);
  return { bytes, fields, sums: [] };
}

/** The header of every frame: MPEG audio and ADTS both begin it with eleven ones. */
export function mpegSeed(bytes: Buffer): Seed {
  const fields: Field[] = bytesFrom(0, 64);
  for (let at = 0; at + 8 <= bytes.length; at++) {
    if (bytes[at] === 0xff && bytes[at + 1]! >= 0xf0) fields.push(...bytesFrom(at + 1, 7));
  }
  return { bytes, fields, sums: [] };
}

/** Elements of EBML that hold others, of what Matroska is made of. */
const EBML_PARENTS = new Set([0x1a45dfa3, 0x18538067, 0x1549a966, 0x1654ae6b, 0xae, 0xe1, 0x1f43b675, 0xa0]);
/** Numbers of an element that are looked at: all of most, and the head of a block. */
const EBML_BYTES = 24;

/** The ID, the size and the first bytes of each element. */
export function ebmlSeed(bytes: Buffer): Seed {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = parseHead(bytes, at);
    if (head === null) break;
    fields.push(...bytesFrom(at, head.end - at));
    const { id, bytes: size } = head.element;
    if (EBML_PARENTS.has(id) || size === null) at = head.end;
    else {
      fields.push(...bytesFrom(head.end, Math.min(EBML_BYTES, size)));
      at = head.end + size;
    }
  }
  return { bytes, fields, sums: [] };
}
