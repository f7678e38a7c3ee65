import type { WhospeaksError } from '../../../errors.js';
import { READ_BYTES, type ByteReader } from '../byte-reader.js';

export interface Box {
  readonly type: string;
  readonly parent: string;
  /** Where its header begins in the file. */
  readonly start: number;
  /** Bytes after its header that are in the file. */
  readonly payloadBytes: number;
  /** Whether the file ends before it does. */
  readonly isCut: boolean;
}

export interface BoxBytes {
  /** Bytes of the payload, zeros beyond its end. */
  read(offset: number, count: number): Promise<Buffer>;
}

const CONTAINERS = new Set([
  'moov',
  'trak',
  'mdia',
  'minf',
  'stbl',
  'edts',
  'mvex',
  'moof',
  'traf',
  'mfra',
  'dinf',
  'sinf',
  'schi',
]);
const MAX_DEPTH = 8;
/** A day of fragments of a second has half a million. */
const MAX_BOXES = 2 ** 20;

/** The boxes of an MP4 (ISO/IEC 14496-12, 4.2) in order, each container before what is in it. */
export async function* mp4Boxes(
  reader: ByteReader,
  start: number,
  sizeBytes: number,
  corrupt: (what: string) => WhospeaksError,
): AsyncGenerator<{ readonly box: Box; readonly bytes: BoxBytes }, void, undefined> {
  const bytesAt = readsInARow(reader);
  const ends = [{ type: '', at: start + sizeBytes }];
  let at = start;
  let boxes = 0;
  while (ends.length > 0) {
    const inside = ends.at(-1)!;
    if (inside.at - at < 8) {
      at = ends.pop()!.at;
      continue;
    }
    if (++boxes > MAX_BOXES) throw corrupt('it has too many boxes');
    const head = await bytesAt(at, 16);
    const type = head.toString('latin1', 4, 8);
    const small = head.readUInt32BE(0);
    const isLarge = small === 1;
    const size = isLarge ? Number(head.readBigUInt64BE(8)) : small === 0 ? inside.at - at : small;
    const headBytes = isLarge ? 16 : 8;
    if (size < headBytes) throw corrupt(`its box ${JSON.stringify(type)} has a size that cannot be`);
    const payload = at + headBytes;
    const end = Math.min(at + size, inside.at);
    const payloadBytes = Math.max(0, end - payload);
    const bytes: BoxBytes = {
      read: async (offset, count) => {
        const block = Buffer.alloc(count);
        (await bytesAt(payload + offset, Math.min(count, Math.max(0, payloadBytes - offset)))).copy(block);
        return block;
      },
    };
    const isCut = at + size > start + sizeBytes;
    yield { box: { type, parent: inside.type, start: at, payloadBytes, isCut }, bytes };
    if (!CONTAINERS.has(type)) at = end;
    else if (ends.length > MAX_DEPTH) throw corrupt('its boxes are nested too deeply');
    else {
      ends.push({ type, at: end });
      at = payload;
    }
  }
}

/** Small reads, most of them one after the other. */
export function readsInARow(reader: ByteReader): (position: number, count: number) => Promise<Buffer> {
  let from = 0;
  let block: Buffer = Buffer.alloc(0);
  return async (position, count) => {
    if (position < from || position + count > from + block.length) {
      from = position;
      block = await reader.readAt(position, Math.max(READ_BYTES, count));
    }
    return block.subarray(position - from, position - from + count);
  };
}
