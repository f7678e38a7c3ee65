import { crc32 } from 'node:zlib';
import { bytesFrom, field, type Field, type Mend, type Seed } from './binary.js';

const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Of an entry that is an array, its header; of a pickle, all. */
const NPY_HEAD_BYTES = 128;

/** A zip: its directory, the local headers, and the pickles and numpy headers that lie in it stored, under the right CRC-32. */
export function zipSeed(bytes: Buffer): Seed {
  const fields: Field[] = [];
  const sums: Mend[] = [];
  const end = bytes.lastIndexOf(Buffer.from(Uint32Array.of(END).buffer));
  fields.push(field(end + 8, 2), field(end + 10, 2), field(end + 12, 4), field(end + 16, 4));
  for (let at = bytes.readUInt32LE(end + 16); at < end && bytes.readUInt32LE(at) === CENTRAL;) {
    const entry = at;
    const local = bytes.readUInt32LE(entry + 42);
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const size = bytes.readUInt32LE(entry + 20);
    fields.push(field(entry + 8, 2), field(entry + 10, 2), field(entry + 20, 4), field(entry + 24, 4));
    fields.push(field(entry + 28, 2), field(entry + 30, 2), field(entry + 32, 2), field(entry + 42, 4));
    fields.push(field(local + 6, 2), field(local + 8, 2), field(local + 26, 2), field(local + 28, 2));
    fields.push(field(local + 18, 4), field(local + 22, 4));
    if (bytes.readUInt16LE(entry + 10) === 0) {
      const name = bytes.toString('latin1', entry + 46, entry + 46 + bytes.readUInt16LE(entry + 28));
      if (name.endsWith('.pkl')) fields.push(...bytesFrom(data, size));
      if (name.endsWith('.npy')) fields.push(...bytesFrom(data, Math.min(NPY_HEAD_BYTES, size)));
      sums.push((copy) => {
        const sum = crc32(copy.subarray(data, data + size));
        copy.writeUInt32LE(sum, local + 14);
        copy.writeUInt32LE(sum, entry + 16);
      });
    }
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return { bytes, fields, sums };
}

/** Bytes of a protobuf or a JSON header with its length before it: tags, lengths, digits. */
export function headSeed(bytes: Buffer, headBytes: number): Seed {
  return { bytes, fields: bytesFrom(0, Math.min(bytes.length, headBytes)), sums: [] };
}
