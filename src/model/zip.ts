import { inflateRawSync } from 'node:zlib';
import { corrupt, quote, unsafe, unsupported } from './fault.js';
import type { ModelSource } from './raw.js';

/** One file in an archive: its sizes are the directory's claims until `read` has checked them. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** Inflate and check length and CRC-32. Allocates no more than `size`, which `openZip` has bounded. */
  readonly read: () => Uint8Array;
}

const MAX_ENTRIES = 4096;
/** Weights hardly shrink; an archive that unpacks to far more than itself is a bomb. */
const MAX_RATIO = 100;
const ALWAYS_ALLOWED_BYTES = 16 << 20;
const MAX_TOTAL_BYTES = 1 << 30;

const LOCAL = { signature: 0x04034b50, bytes: 30 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const END = { signature: 0x06054b50, bytes: 22 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const LOCATOR64 = { signature: 0x07064b50, bytes: 20 };
const STORED = 0;
const DEFLATED = 8;

/** `PK\3\4`. */
export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * List a zip archive (zip64 too, as torch writes it) by its central directory. The sum of the declared
 * sizes is bounded before anything is unpacked, entries may not overlap, and no name may stand twice.
 */
export function openZip(source: ModelSource): Map<string, ZipEntry> {
  const { bytes, label } = source;
  const archive = new Archive(label, bytes);
  const records = archive.records();
  const total = records.reduce((sum, record) => sum + record.size, 0);
  if (total > MAX_TOTAL_BYTES || (total > ALWAYS_ALLOWED_BYTES && total > MAX_RATIO * bytes.length)) {
    throw unsafe(label, `an archive of ${bytes.length} bytes claims to unpack to ${total}: a zip bomb`);
  }
  const entries = new Map<string, ZipEntry>();
  const ranges: { begin: number; end: number; name: string }[] = [];
  for (const record of records) {
    const { name, size } = record;
    if (entries.has(name)) throw unsafe(label, `the archive holds ${quote(name)} twice`);
    const begin = archive.dataStart(record);
    const end = begin + record.packed;
    if (end > bytes.length) throw corrupt(label, `the archive's entry ${quote(name)} is cut short`);
    ranges.push({ begin: record.offset, end, name });
    entries.set(name, { name, size, read: () => unpack(label, record, bytes.subarray(begin, end)) });
  }
  ranges.sort((a, b) => a.begin - b.begin);
  for (let i = 1; i < ranges.length; i++) {
    if (ranges[i]!.begin < ranges[i - 1]!.end) {
      throw unsafe(
        label,
        `the archive's entries ${quote(ranges[i]!.name)} and ${quote(ranges[i - 1]!.name)} overlap`,
      );
    }
  }
  return entries;
}

interface ZipRecord {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

class Archive {
  private readonly view: DataView;

  constructor(
    private readonly label: string,
    private readonly bytes: Uint8Array,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  records(): ZipRecord[] {
    const { count, start, end } = this.directory();
    if (count > MAX_ENTRIES) throw unsafe(this.label, `the archive claims ${count} entries`);
    const records: ZipRecord[] = [];
    let at = start;
    for (let i = 0; i < count; i++) {
      if (at + CENTRAL.bytes > end || this.view.getUint32(at, true) !== CENTRAL.signature) {
        throw corrupt(this.label, "the archive's directory is damaged");
      }
      const nameLength = this.view.getUint16(at + 28, true);
      const extraLength = this.view.getUint16(at + 30, true);
      const next = at + CENTRAL.bytes + nameLength + extraLength + this.view.getUint16(at + 32, true);
      if (next > end) throw corrupt(this.label, "the archive's directory is cut short");
      records.push(this.record(at, nameLength, extraLength));
      at = next;
    }
    return records;
  }

  /** The local header repeats the name with an extra field of its own length; the data follows. */
  dataStart({ offset, name }: ZipRecord): number {
    if (offset + LOCAL.bytes > this.bytes.length || this.view.getUint32(offset, true) !== LOCAL.signature) {
      throw corrupt(this.label, `the archive's entry ${quote(name)} is not where the directory says`);
    }
    return (
      offset + LOCAL.bytes + this.view.getUint16(offset + 26, true) + this.view.getUint16(offset + 28, true)
    );
  }

  private directory(): { count: number; start: number; end: number } {
    const at = this.findEnd();
    let count = this.view.getUint16(at + 10, true);
    let size = this.view.getUint32(at + 12, true);
    let start = this.view.getUint32(at + 16, true);
    const locator = at - LOCATOR64.bytes;
    if (locator >= 0 && this.view.getUint32(locator, true) === LOCATOR64.signature) {
      const at64 = this.uint64(locator + 8);
      if (at64 + END64.bytes > locator || this.view.getUint32(at64, true) !== END64.signature) {
        throw corrupt(this.label, "the archive's zip64 directory is damaged");
      }
      count = this.uint64(at64 + 32);
      size = this.uint64(at64 + 40);
      start = this.uint64(at64 + 48);
    }
    if (start + size > at) throw corrupt(this.label, "the archive's directory lies outside the file");
    return { count, start, end: start + size };
  }

  /** The end record is last, but for a comment of up to 65535 bytes. */
  private findEnd(): number {
    const lowest = Math.max(0, this.bytes.length - END.bytes - 0xffff);
    for (let at = this.bytes.length - END.bytes; at >= lowest; at--) {
      if (this.view.getUint32(at, true) === END.signature) return at;
    }
    throw corrupt(this.label, 'the archive has no end: it is cut short');
  }

  private record(at: number, nameLength: number, extraLength: number): ZipRecord {
    const nameStart = at + CENTRAL.bytes;
    const name = new TextDecoder().decode(this.bytes.subarray(nameStart, nameStart + nameLength));
    if (this.view.getUint16(at + 8, true) & 1)
      throw unsupported(this.label, `entry ${quote(name)} is encrypted`);
    const sizes = {
      size: this.view.getUint32(at + 24, true),
      packed: this.view.getUint32(at + 20, true),
      offset: this.view.getUint32(at + 42, true),
    };
    this.widen(sizes, nameStart + nameLength, extraLength);
    return {
      name,
      method: this.view.getUint16(at + 10, true),
      crc: this.view.getUint32(at + 16, true),
      ...sizes,
    };
  }

  /** Extra field 1 holds, in this order, the 64-bit value of each size that is all ones. */
  private widen(sizes: Record<'size' | 'packed' | 'offset', number>, start: number, length: number): void {
    const end = start + length;
    for (let at = start; at + 4 <= end;) {
      const next = at + 4 + this.view.getUint16(at + 2, true);
      if (this.view.getUint16(at, true) === 1) {
        let field = at + 4;
        for (const key of ['size', 'packed', 'offset'] as const) {
          if (sizes[key] !== 0xffffffff) continue;
          if (field + 8 > Math.min(next, end)) throw corrupt(this.label, 'a zip64 field is cut short');
          sizes[key] = this.uint64(field);
          field += 8;
        }
      }
      at = next;
    }
  }

  /** Beyond 2^53 a number is inexact, but then it lies outside any file anyway. */
  private uint64(at: number): number {
    return Number(this.view.getBigUint64(at, true));
  }
}

function unpack(label: string, record: ZipRecord, packed: Uint8Array): Uint8Array {
  const { name, method, size } = record;
  let data: Uint8Array;
  if (method === STORED) {
    data = packed;
  } else if (method === DEFLATED) {
    try {
      // The bound makes a lying size an error, not an allocation.
      data = size === 0 ? new Uint8Array() : inflateRawSync(packed, { maxOutputLength: size });
    } catch (error) {
      throw corrupt(label, `the archive's entry ${quote(name)} does not inflate to its ${size} bytes`, error);
    }
  } else {
    throw unsupported(
      label,
      `entry ${quote(name)} is packed by method ${method}; expected stored or deflated`,
    );
  }
  if (data.length !== size)
    throw corrupt(label, `the archive's entry ${quote(name)} has ${data.length} bytes, not ${size}`);
  if (crc32(data) !== record.crc)
    throw corrupt(label, `the archive's entry ${quote(name)} fails its checksum`);
  return data;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of IEEE 802.3; `zlib.crc32` is younger than the oldest Node that we run on. */
function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < data.length; i++) crc = CRC_TABLE[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
