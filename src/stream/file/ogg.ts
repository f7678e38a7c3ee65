import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { WhospeaksError } from '../../errors.js';
import { SAMPLE_RATE_HZ } from '../types.js';
import type { ByteReader } from './byte-reader.js';
import { decodeCompressed, NEXT_STREAM, type StreamDecoder } from './compressed.js';
import type { FileDecoder } from './format.js';
import { OggPages } from './ogg-pages.js';

export const decodeOggVorbis = ogg(
  'ogg vorbis',
  () => new OggVorbisDecoder(),
  (head) => ({
    rateHz: head.readUInt32LE(12),
    skip: 0,
    channels: head[11]!,
  }),
);

/** Opus counts at 48 kHz whatever it was made from, and begins with samples to skip (RFC 7845). */
export const decodeOggOpus = ogg(
  'ogg opus',
  () => new OggOpusDecoder(),
  (head) => ({
    rateHz: 48_000,
    skip: head.readUInt16LE(10),
    channels: head[9]!,
  }),
);

interface OggTiming {
  readonly rateHz: number;
  readonly skip: number;
  readonly channels: number;
}

/** Of both codecs, by their channel mappings; a page of more would unfold to gigabytes in one step. */
const MAX_CHANNELS = 8;

function ogg(
  format: string,
  makeDecoder: () => StreamDecoder,
  timing: (packet: Buffer) => OggTiming,
): FileDecoder {
  return async function* (reader, facts) {
    const head = await firstPacket(reader);
    if (head.length >= 32) {
      const { rateHz, skip, channels } = timing(head);
      if (channels > MAX_CHANNELS) {
        throw new WhospeaksError(
          'audio-unsupported',
          `${reader.name} has ${channels} channels; at most ${MAX_CHANNELS} are read from ${format}`,
        );
      }
      facts.durationSamples = await durationOf(reader, rateHz, skip);
    }
    const pages = new OggPages(reader);
    yield* decodeCompressed(reader, {
      format,
      makeDecoder,
      pieces: logicalStreams(pages),
      verdict: () => {
        if (pages.damaged > 0)
          return { code: 'audio-corrupt', what: `${pages.damaged} pages have a wrong checksum` };
        return pages.cutShort ? { code: 'audio-truncated', what: 'its last page is not complete' } : null;
      },
    });
  };
}

const FLAGS_OFFSET = 5;
const SERIAL_OFFSET = 14;
const FLAG_FIRST = 2;

/**
 * The pages of the first stream, and of those chained after it (RFC 3533, 4), which is how recordings
 * joined end to end look. Pages of streams that run beside it are left out.
 */
export async function* logicalStreams(
  pages: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array | typeof NEXT_STREAM, void, undefined> {
  let serial: number | null = null;
  let inHeaders = false;
  for await (const page of pages) {
    const view = new DataView(page.buffer, page.byteOffset, page.length);
    const first = (page[FLAGS_OFFSET]! & FLAG_FIRST) !== 0;
    if (first && !inHeaders) {
      if (serial !== null) yield NEXT_STREAM;
      serial = view.getUint32(SERIAL_OFFSET, true);
    }
    inHeaders = first;
    if (view.getUint32(SERIAL_OFFSET, true) === serial) yield page;
  }
}

/** The beginning of the first packet. */
async function firstPacket(reader: ByteReader): Promise<Buffer> {
  const head = await reader.peek(512);
  return head.subarray(27 + (head[26] ?? 0));
}

/** Length of the stream at 16 kHz, by the position of its last page, in samples of its own rate. */
export async function durationOf(
  reader: ByteReader,
  rateHz: number,
  skip: number,
): Promise<number | undefined> {
  if (reader.sizeBytes === undefined || rateHz === 0) return undefined;
  const span = Math.min(reader.sizeBytes, 2 * 65_536);
  const tail = await reader.readAt(reader.sizeBytes - span, span);
  const at = tail.lastIndexOf('OggS');
  if (at < 0 || at + 14 > tail.length) return undefined;
  const granule = Number(tail.readBigInt64LE(at + 6));
  if (granule < 0) return undefined;
  return Math.max(0, Math.round(((granule - skip) * SAMPLE_RATE_HZ) / rateHz));
}
