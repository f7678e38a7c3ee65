import { WhospeaksError } from '../../errors.js';
import type { PcmEncoding } from '../../stream/pcm.js';

/** Chunks before the audio; a file made to do harm has millions. */
const MAX_CHUNKS = 1024;
const HEAD_BYTES = 12;

/** Raw samples in a wav file, and how many bytes of them there are; null where its writer could not know. */
export interface WavSamples {
  readonly encoding: PcmEncoding;
  readonly rateHz: number;
  readonly channels: number;
  readonly bytes: number | null;
}

/** The next bytes: `count`, fewer only at the end. */
export type ReadBytes = (count: number) => Promise<Uint8Array>;

export function isWav(head: Uint8Array): boolean {
  return head.length >= HEAD_BYTES && text(head, 0) === 'RIFF' && text(head, 8) === 'WAVE';
}

/**
 * Whether the samples are plain numbers, as its `fmt ` chunk says.
 *
 * @param read of the file's beginning; where it ends before that chunk, that cannot be told, and is false
 */
export async function isPlainWav(read: ReadBytes): Promise<boolean> {
  await read(HEAD_BYTES);
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks++) {
    const head = await read(8);
    if (head.length < 8 || text(head, 0) === 'data') return false;
    const size = sizeOf(head);
    const body = await read(size + (size % 2));
    if (text(head, 0) === 'fmt ') return formatOf(body) !== undefined;
  }
  return false;
}

/**
 * Read up to the first sample. Undefined where the samples are not plain numbers (ADPCM and the like): a browser's own decoder may
 * know those.
 * @throws WhospeaksError `audio-truncated`, `audio-corrupt`
 */
export async function readWavHead(read: ReadBytes, name: string): Promise<WavSamples | undefined> {
  await read(HEAD_BYTES);
  let format: Omit<WavSamples, 'bytes'> | undefined;
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks++) {
    const head = await read(8);
    if (head.length < 8) throw new WhospeaksError('audio-truncated', `${name} ends before its audio begins`);
    const size = sizeOf(head);
    if (text(head, 0) === 'data') {
      if (format === undefined) return undefined;
      // Writers to a pipe leave 0, or the most.
      return { ...format, bytes: size === 0 || size >= 0x7fff0000 ? null : size };
    }
    const body = await read(Math.min(size, MAX_SKIP_BYTES));
    if (text(head, 0) === 'fmt ') format = formatOf(body);
    let left = size - body.length + (size % 2);
    while (left > 0) {
      const skipped = (await read(Math.min(left, MAX_SKIP_BYTES))).length;
      if (skipped === 0) throw new WhospeaksError('audio-truncated', `${name} ends before its audio begins`);
      left -= skipped;
    }
  }
  throw new WhospeaksError('audio-corrupt', `${name} has more than ${MAX_CHUNKS} chunks before its audio`);
}

const MAX_SKIP_BYTES = 65_536;

/** Of a chunk, without the byte that fills an odd one up. */
function sizeOf(head: Uint8Array): number {
  return new DataView(head.buffer, head.byteOffset).getUint32(4, true);
}

const INTEGERS: Readonly<Record<number, PcmEncoding>> = { 8: 'u8', 16: 's16le', 24: 's24le', 32: 's32le' };
const FLOATS: Readonly<Record<number, PcmEncoding>> = { 32: 'f32le', 64: 'f64le' };
const EXTENSIBLE = 0xfffe;

/** Tags as of Microsoft's WAVEFORMATEX: 1 integers, 3 floats, 6 A-law, 7 mu-law. */
function formatOf(body: Uint8Array): Omit<WavSamples, 'bytes'> | undefined {
  if (body.length < 16) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const plain = view.getUint16(0, true);
  const tag = plain === EXTENSIBLE && body.length >= 26 ? view.getUint16(24, true) : plain;
  const [channels, rateHz] = [view.getUint16(2, true), view.getUint32(4, true)];
  const [frame, bits] = [view.getUint16(12, true), view.getUint16(14, true)];
  const encoding =
    tag === 1
      ? INTEGERS[bits]
      : tag === 3
        ? FLOATS[bits]
        : tag === 6
          ? 'alaw'
          : tag === 7
            ? 'mulaw'
            : undefined;
  const isKnown = encoding !== undefined && channels > 0 && frame === (channels * bits) / 8;
  return isKnown ? { encoding, rateHz, channels } : undefined;
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
