import { elementsIn, parseNumber } from './ebml.js';

/** Packets of one track that share a timestamp. */
export interface Block {
  readonly track: number;
  /** Ticks after the cluster's time. */
  readonly ticks: number;
  readonly packets: Uint8Array[];
  /** Sound at its end that is not to be heard, s. */
  readonly discardSeconds: number;
}

const BLOCK = 0xa1;
const DISCARD_PADDING = 0x75a2;

/** Of a SimpleBlock or a Block (RFC 9559, 10); null where it is damaged. */
export function parseBlock(payload: Buffer, discardSeconds = 0): Block | null {
  const track = parseNumber(payload, 0);
  if (track === null || track.value === null || track.end + 3 > payload.length) return null;
  const flags = payload[track.end + 2]!;
  const packets = unlace(payload.subarray(track.end + 3), (flags >> 1) & 3);
  if (packets === null) return null;
  return { track: track.value, ticks: payload.readInt16BE(track.end), packets, discardSeconds };
}

/** Of a BlockGroup. */
export function parseBlockGroup(payload: Buffer): Block | null {
  let block: Buffer | null = null;
  let discardSeconds = 0;
  for (const { id, bytes } of elementsIn(payload)) {
    if (id === BLOCK) block = bytes;
    if (id === DISCARD_PADDING && bytes.length >= 1 && bytes.length <= 6)
      discardSeconds = bytes.readIntBE(0, bytes.length) / 1e9;
  }
  return block === null ? null : parseBlock(block, Math.max(0, discardSeconds));
}

const XIPH = 1;
const FIXED = 2;
const EBML = 3;

/** Several packets in one block ("lacing", RFC 9559, 10.3). */
function unlace(bytes: Buffer, lacing: number): Uint8Array[] | null {
  if (lacing === 0) return [bytes];
  const count = (bytes[0] ?? 0) + 1;
  let at = 1;
  const sizes: number[] = [];
  if (lacing === FIXED) {
    const size = (bytes.length - 1) / count;
    if (!Number.isInteger(size)) return null;
    for (let i = 1; i < count; i++) sizes.push(size);
  }
  for (let i = 1; i < count && lacing === XIPH; i++) {
    let size = 0;
    let part: number | undefined;
    do {
      part = bytes[at++];
      size += part ?? 0;
    } while (part === 255);
    sizes.push(size);
  }
  for (let i = 1; i < count && lacing === EBML; i++) {
    const number = parseNumber(bytes, at);
    if (number === null || number.value === null) return null;
    // The first size, then by how much each differs from the one before: numbers around the middle of their range.
    const middle = 2 ** (7 * (number.end - at) - 1) - 1;
    sizes.push(i === 1 ? number.value : sizes.at(-1)! + number.value - middle);
    at = number.end;
  }
  const packets: Uint8Array[] = [];
  for (const size of sizes) {
    if (size < 0 || at + size > bytes.length) return null;
    packets.push(bytes.subarray(at, at + size));
    at += size;
  }
  packets.push(bytes.subarray(at));
  return packets;
}
