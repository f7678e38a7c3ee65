import type { ByteReader } from './byte-reader.js';
import { crc16, MAX_HEADER_BYTES, parseFlacHeader, type FlacHeader, type FlacInfo } from './flac-frame.js';

const LOOK_BYTES = 16_384;
const FOOTER_BYTES = 2;
const ID3V1_BYTES = 128;

export interface FlacFrame {
  readonly bytes: Buffer;
  readonly header: FlacHeader;
}

/** What was wrong with a stream of frames. */
export interface FlacFaults {
  /** Places where it was damaged. */
  damaged: number;
  /** It stopped inside a frame. */
  cutShort: boolean;
}

/**
 * The frames of a FLAC stream (RFC 9639, 9). A frame does not tell its length: it ends where another header follows,
 * or the stream does, and its CRC-16 is right.
 */
export async function* flacFrames(
  reader: ByteReader,
  info: FlacInfo,
  faults: FlacFaults,
): AsyncGenerator<FlacFrame, void, undefined> {
  let inSync = true;
  for (;;) {
    const head = await reader.peek(MAX_HEADER_BYTES);
    if (head.length === 0 || isTag(head)) return;
    const header = parseFlacHeader(head, 0);
    const length = header === null ? null : await frameBytes(reader, header, info);
    if (header !== null && length !== null) {
      inSync = true;
      yield { bytes: await reader.read(length), header };
      continue;
    }
    const isMore = await skipToHeader(reader);
    // A frame with a beginning and no end, and nothing after it, is where the stream was cut.
    if (!isMore && header !== null) faults.cutShort = true;
    else if (inSync) faults.damaged += 1;
    if (!isMore) return;
    inSync = false;
  }
}

/** Length of the frame ahead, null where it has no end. */
async function frameBytes(
  reader: ByteReader,
  header: FlacHeader,
  { bits }: FlacInfo,
): Promise<number | null> {
  // Samples as they are, one bit more for a difference of channels; a subframe header each.
  const most = 64 + header.channels * (8 + Math.ceil((header.samples * (bits + 1)) / 8));
  let crc = 0;
  let checked = 0;
  for (let look = LOOK_BYTES; ; look *= 2) {
    const ahead = await reader.peek(look + MAX_HEADER_BYTES);
    const isEnd = ahead.length < look + MAX_HEADER_BYTES;
    const end = isEnd ? endOfAudio(ahead) : look;
    const last = Math.min(most, end);
    for (let at = Math.max(checked, header.bytes + FOOTER_BYTES); at < last; at++) {
      if (ahead[at] !== 0xff || (ahead[at + 1]! & 0xfe) !== 0xf8) continue;
      crc = crc16(crc, ahead, checked, at);
      checked = at;
      if (crc === 0 && parseFlacHeader(ahead, at) !== null) return at;
    }
    if (isEnd && end <= most) return crc16(crc, ahead, checked, end) === 0 ? end : null;
    if (isEnd || last === most) return null;
  }
}

/** On to the next frame header; false where there is none. */
async function skipToHeader(reader: ByteReader): Promise<boolean> {
  await reader.skip(1);
  for (;;) {
    const ahead = await reader.peek(LOOK_BYTES);
    const isEnd = ahead.length < LOOK_BYTES;
    const last = isEnd ? ahead.length : ahead.length - MAX_HEADER_BYTES;
    for (let at = 0; at < last; at++) {
      if (ahead[at] !== 0xff || parseFlacHeader(ahead, at) === null) continue;
      await reader.skip(at);
      return true;
    }
    await reader.skip(last);
    if (isEnd) return false;
  }
}

function endOfAudio(bytes: Buffer): number {
  return bytes.length - (isTag(bytes.subarray(-ID3V1_BYTES)) ? ID3V1_BYTES : 0);
}

/** An ID3v1 tag after the audio. */
function isTag(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 3) === 'TAG';
}
