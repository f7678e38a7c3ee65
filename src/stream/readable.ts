import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { WhospeaksError } from '../errors.js';
import { parseOptions } from '../options.js';
import { toAudio, type SoundBlock } from './condition.js';
import { READ_BYTES } from './file/byte-reader.js';
import { bytesOf, unread, type ByteSource } from './file/byte-source.js';
import { decodeRecording } from './file/decode.js';
import { factsOf, type FileFacts } from './file/format.js';
import { pcmFormatSchema, type PcmFormat } from './format.js';
import { PcmDecoder } from './pcm.js';
import { firstBytesAre, RawGuard } from './raw-guard.js';
import { createSource } from './source.js';
import type { AudioChunk, AudioSource } from './types.js';

/** What errors call it. */
const NAME = 'the stream of audio';

/**
 * Sound from a Node stream: raw PCM where `format` is given, for example the output of `ffmpeg -f s16le`; else a file
 * (wav, flac, mp3, ogg, webm, aac), told by its first bytes. The stream is read only as fast as the chunks are asked
 * for, and destroyed when the source is left early.
 *
 * @throws WhospeaksError at the pull: `audio-empty` for a stream of no bytes, `audio-truncated` where it
 *   ends in the middle of a sample, `audio-format` for text or for a file where raw PCM was to come,
 *   `audio-not-finite`, and `file-unreadable` where the stream itself fails; of files what `fromFile` throws
 */
export function fromReadable(readable: Readable, format?: PcmFormat): AudioSource {
  if (format === undefined) {
    const facts: FileFacts = {};
    return createSource({
      live: false,
      ...factsOf(facts),
      open: () => decodeRecording(() => Promise.resolve(bytesOf(readable, NAME)), facts),
    });
  }
  const parsed = parseOptions('fromReadable', pcmFormatSchema, format);
  const facts: FileFacts = { audio: parsed.audio };
  return createSource({
    live: false,
    ...factsOf(facts),
    open: () => rawPcm(bytesOf(readable, NAME), parsed, facts),
  });
}

/**
 * A file by its first bytes, else raw PCM: for standard input, of which nobody said what it is.
 *
 * @throws WhospeaksError as `fromReadable`
 */
export function fromPipe(readable: Readable, format: PcmFormat): AudioSource {
  const parsed = parseOptions('fromPipe', pcmFormatSchema, format);
  const facts: FileFacts = { audio: parsed.audio };
  async function* open(): AsyncGenerator<AudioChunk, void, undefined> {
    const source = bytesOf(readable, NAME);
    let isRaw: boolean;
    let whole: ByteSource;
    try {
      ({ isRaw, whole } = await lookAt(source));
    } catch (error) {
      await source.close();
      throw error;
    }
    yield* isRaw ? rawPcm(whole, parsed, facts) : decodeRecording(() => Promise.resolve(whole), facts);
  }
  return createSource({ live: false, ...factsOf(facts), open });
}

/** More than these are looked at where they may be frames of MPEG. */
const LOOK_BYTES = 12;

async function lookAt(source: ByteSource): Promise<{ isRaw: boolean; whole: ByteSource }> {
  for (let count = LOOK_BYTES; ;) {
    const { head, whole } = await unread(source, count);
    const first = firstBytesAre(head);
    // Nothing more comes: whatever it is, a file would have more.
    if (first !== 'too few' || head.length < count) return { isRaw: typeof first !== 'object', whole };
    source = whole;
    count = head.length + 1;
  }
}

async function* rawPcm(
  source: ByteSource,
  { encoding, sampleRateHz, channels }: z.output<typeof pcmFormatSchema>,
  facts: FileFacts,
): AsyncGenerator<AudioChunk, void, undefined> {
  const decoder = new PcmDecoder(encoding, channels, facts);
  const guard = new RawGuard(
    'leave its format away to read it as a file, or send raw samples (ffmpeg -f s16le)',
  );
  async function* blocks(): AsyncGenerator<SoundBlock, void, undefined> {
    try {
      for (;;) {
        const bytes = await source.read(READ_BYTES, null);
        if (bytes.length === 0) break;
        yield { rateHz: sampleRateHz, planes: decoder.push(guard.push(bytes)) };
      }
      yield { rateHz: sampleRateHz, planes: decoder.push(guard.flush()) };
    } finally {
      await source.close();
    }
    if (decoder.pendingBytes > 0) {
      throw new WhospeaksError(
        'audio-truncated',
        `the stream ended in the middle of a sample (${decoder.pendingBytes} bytes left over); check that it is ${encoding} with ${channels} channels`,
      );
    }
  }
  yield* toAudio(blocks(), () => new WhospeaksError('audio-empty', 'the stream ended without any audio'));
}
