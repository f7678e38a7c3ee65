import type { ByteReader } from '../byte-reader.js';

/** An element of EBML (RFC 8794): what it is, and the bytes that follow its head. */
export interface Element {
  readonly id: number;
  /** Null where the writer did not know, as of live streams. */
  readonly bytes: number | null;
}

/** An ID is of 4 bytes at the most, and a size of 8. */
export const MAX_HEAD_BYTES = 12;

/** The head of an element at `at`, and where it ends; null where there is none. */
export function parseHead(bytes: Uint8Array, at: number): { element: Element; end: number } | null {
  const idBytes = widthOf(bytes[at]);
  if (idBytes === 0 || idBytes > 4 || at + idBytes >= bytes.length) return null;
  let id = 0;
  for (let i = 0; i < idBytes; i++) id = id * 256 + bytes[at + i]!;
  const size = parseNumber(bytes, at + idBytes);
  return size === null ? null : { element: { id, bytes: size.value }, end: size.end };
}

/** A number of variable width (RFC 8794, 4); `value` is null where all its bits are set, which says "unknown". */
export function parseNumber(bytes: Uint8Array, at: number): { value: number | null; end: number } | null {
  const width = widthOf(bytes[at]);
  if (width === 0 || at + width > bytes.length) return null;
  const mask = (1 << (8 - width)) - 1;
  let value = bytes[at]! & mask;
  let isUnknown = value === mask;
  for (let i = 1; i < width; i++) {
    value = value * 256 + bytes[at + i]!;
    isUnknown &&= bytes[at + i] === 0xff;
  }
  return { value: isUnknown ? null : value, end: at + width };
}

/** 0 where it begins no number. */
function widthOf(first: number | undefined): number {
  return first === undefined || first === 0 ? 0 : Math.clz32(first) - 23;
}

/** The elements in a payload that is all there; ends at the first that does not fit. */
export function* elementsIn(payload: Buffer): Generator<{ id: number; bytes: Buffer }, void, undefined> {
  for (let at = 0; at < payload.length;) {
    const head = parseHead(payload, at);
    const size = head?.element.bytes ?? null;
    if (head === null || size === null || head.end + size > payload.length) return;
    yield { id: head.element.id, bytes: payload.subarray(head.end, head.end + size) };
    at = head.end + size;
  }
}

export function unsigned(bytes: Buffer): number {
  return bytes.subarray(0, 8).reduce((value, byte) => value * 256 + byte, 0);
}

export function float(bytes: Buffer): number {
  return bytes.length === 4 ? bytes.readFloatBE(0) : bytes.length === 8 ? bytes.readDoubleBE(0) : 0;
}

/** On to the next place that holds these bytes; false where there is none. */
export async function skipTo(reader: ByteReader, signature: Buffer): Promise<boolean> {
  await reader.skip(1);
  for (;;) {
    const ahead = await reader.peek(65_536);
    const at = ahead.indexOf(signature);
    if (at >= 0) {
      await reader.skip(at);
      return true;
    }
    if (ahead.length < 65_536) return false;
    await reader.skip(ahead.length - signature.length + 1);
  }
}
