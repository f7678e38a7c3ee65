import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { SAMPLE_RATE_HZ } from '../types.js';
import type { ByteReader } from './byte-reader.js';
import { decodeCompressed, type StreamDecoder } from './compressed.js';
import type { FileDecoder } from './format.js';
import { OggPages } from './ogg-pages.js';

export const decodeOggVorbis = ogg(
  'ogg vorbis',
  () => new OggVorbisDecoder(),
  (head) => ({
    rateHz: head.readUInt32LE(12),
    skip: 0,
  }),
);

/** Opus counts at 48 kHz whatever it was made from, and begins with samples to skip (RFC 7845). */
export const decodeOggOpus = ogg(
  'ogg opus',
  () => new OggOpusDecoder(),
  (head) => ({
    rateHz: 48_000,
    skip: head.readUInt16LE(10),
  }),
);

export const decodeOggFlac = ogg(
  'ogg flac',
  () => new FLACDecoder(),
  (head) => ({
    rateHz: head.readUIntBE(27, 3) >> 4,
    skip: 0,
  }),
);

interface OggTiming {
  readonly rateHz: number;
  readonly skip: number;
}

function ogg(
  format: string,
  makeDecoder: () => StreamDecoder,
  timing: (packet: Buffer) => OggTiming,
): FileDecoder {
  return async function* (reader, facts) {
    const head = await reader.peek(512);
    const packet = head.subarray(27 + (head[26] ?? 0));
    if (packet.length >= 32) {
      const { rateHz, skip } = timing(packet);
      const granule = await lastGranule(reader);
      if (granule !== null && rateHz > 0) {
        facts.durationSamples = Math.max(0, Math.round(((granule - skip) * SAMPLE_RATE_HZ) / rateHz));
      }
    }
    const pages = new OggPages(reader);
    yield* decodeCompressed(reader, {
      format,
      decoder: makeDecoder(),
      pieces: pages,
      verdict: () => {
        if (pages.damaged > 0)
          return { code: 'audio-corrupt', what: `${pages.damaged} pages have a wrong checksum` };
        return pages.cutShort ? { code: 'audio-truncated', what: 'its last page is not complete' } : null;
      },
    });
  };
}

/** Position of the last page, which is the length of the stream, in samples of its own rate. */
async function lastGranule(reader: ByteReader): Promise<number | null> {
  if (reader.sizeBytes === undefined) return null;
  const span = Math.min(reader.sizeBytes, 2 * 65_536);
  const tail = await reader.readAt(reader.sizeBytes - span, span);
  const at = tail.lastIndexOf('OggS');
  if (at < 0 || at + 14 > tail.length) return null;
  const granule = Number(tail.readBigInt64LE(at + 6));
  return granule >= 0 ? granule : null;
}
