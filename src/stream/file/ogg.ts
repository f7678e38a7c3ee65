import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { WhospeaksError } from '../../errors.js';
import { SAMPLE_RATE_HZ } from '../types.js';
import type { ByteReader } from './byte-reader.js';
import { decodeCompressed, NEXT_STREAM, type StreamDecoder } from './compressed.js';
import type { FileDecoder } from './format.js';
import { OggClock } from './ogg-clock.js';
import { firstAudioPage, formatOf, isFirstPage, serialOf } from './ogg-heads.js';
import { granuleOf, PAGE_HEADER_BYTES } from './ogg-page.js';
import { OggPages } from './ogg-pages.js';

export const decodeOggVorbis = ogg(
  'ogg vorbis',
  () => new OggVorbisDecoder(),
  (head) => ({ rateHz: head.readUInt32LE(12), skip: 0, channels: head[11]! }),
);

/** Opus counts at 48 kHz whatever it was made from, and begins with samples to skip (RFC 7845). */
export const decodeOggOpus = ogg(
  'ogg opus',
  () => new OggOpusDecoder(),
  (head) => ({ rateHz: 48_000, skip: head.readUInt16LE(10), channels: head[9]! }),
);

interface OggTiming {
  readonly rateHz: number;
  readonly skip: number;
  readonly channels: number;
}

/** Of both codecs, by their channel mappings; a page of more would unfold to gigabytes in one step. */
const MAX_CHANNELS = 8;
/** Bytes of a first packet that tell the timing, in both codecs. */
const TIMING_BYTES = 16;

function ogg(
  format: string,
  makeDecoder: () => StreamDecoder,
  timing: (packet: Buffer) => OggTiming,
): FileDecoder {
  return async function* (reader, facts) {
    const page = firstAudioPage(await reader.peek(65_536));
    const head = page === null ? null : packetOf(page);
    if (page !== null && head !== null) {
      const { rateHz, skip, channels } = timing(head);
      if (channels > MAX_CHANNELS) {
        throw new WhospeaksError(
          'audio-unsupported',
          `${reader.name} has ${channels} channels; at most ${MAX_CHANNELS} are read from ${format}`,
        );
      }
      facts.durationSamples = await durationOf(reader, serialOf(page), rateHz, skip);
    }
    const pages = new OggPages(reader);
    const clock = new OggClock();
    yield* decodeCompressed(reader, {
      format,
      makeDecoder,
      pieces: timed(logicalStreams(pages), clock, (packet) => timing(packet).skip),
      place: (samples, rateHz) => clock.place(samples, rateHz),
      verdict: () => {
        if (pages.damaged > 0)
          return { code: 'audio-corrupt', what: `${pages.damaged} pages have a wrong checksum` };
        return pages.cutShort ? { code: 'audio-truncated', what: 'its last page is not complete' } : null;
      },
    });
  };
}

/** The same pages, of which the clock is told. */
async function* timed(
  pages: AsyncIterable<Uint8Array | typeof NEXT_STREAM>,
  clock: OggClock,
  skipOf: (packet: Buffer) => number,
): AsyncGenerator<Uint8Array | typeof NEXT_STREAM, void, undefined> {
  for await (const page of pages) {
    if (page === NEXT_STREAM) clock.end();
    else {
      if (isFirstPage(page)) {
        const head = packetOf(page);
        clock.begin(head === null ? 0 : skipOf(head));
      }
      clock.page(granuleOf(page));
    }
    yield page;
  }
  clock.end();
}

/**
 * The pages of the first stream of audio, and of those chained after it (RFC 3533, 4), which is how recordings
 * joined end to end look. Pages of streams that run beside it are left out.
 */
export async function* logicalStreams(
  pages: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array | typeof NEXT_STREAM, void, undefined> {
  /** Of the streams that begin together, the first page of the first one of audio; else of the first, which the decoder refuses. */
  let begun: Uint8Array | null = null;
  let serial: number | null = null;
  for await (const page of pages) {
    if (isFirstPage(page)) {
      if (begun === null || (formatOf(begun) === null && formatOf(page) !== null)) begun = page;
      continue;
    }
    if (begun !== null) {
      if (serial !== null) yield NEXT_STREAM;
      serial = serialOf(begun);
      yield begun;
      begun = null;
    }
    if (serialOf(page) === serial) yield page;
  }
}

/** The beginning of the first packet of a page, null where it tells no timing. */
function packetOf(page: Uint8Array): Buffer | null {
  const packet = Buffer.from(page.subarray(PAGE_HEADER_BYTES + page[PAGE_HEADER_BYTES - 1]!));
  return packet.length < TIMING_BYTES ? null : packet;
}

/** Length of a logical stream at 16 kHz, by the position of its last page, in samples of its own rate. */
export async function durationOf(
  reader: ByteReader,
  serial: number,
  rateHz: number,
  skip: number,
): Promise<number | undefined> {
  if (reader.sizeBytes === undefined || rateHz === 0) return undefined;
  const span = Math.min(reader.sizeBytes, 2 * 65_536);
  const tail = await reader.readAt(reader.sizeBytes - span, span);
  for (let at = tail.lastIndexOf('OggS'); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf('OggS', at - 1)) {
    const page = tail.subarray(at);
    if (page.length < PAGE_HEADER_BYTES || serialOf(page) !== serial) continue;
    const granule = granuleOf(page);
    if (granule >= 0) return Math.max(0, Math.round(((granule - skip) * SAMPLE_RATE_HZ) / rateHz));
  }
  return undefined;
}
