import type { Readable } from 'node:stream';
import { WhospeaksError } from '../errors.js';
import { parseOptions } from '../options.js';
import { toAudio, type MonoBlock } from './condition.js';
import { pcmFormatSchema, type PcmFormat } from './format.js';
import { PcmDecoder } from './pcm.js';
import { createSource } from './source.js';
import type { AudioSource } from './types.js';

/** Starts of files that are not raw PCM, which people pipe in by mistake. */
const CONTAINERS: readonly (readonly [signature: string, name: string])[] = [
  ['RIFF', 'a wav file'],
  ['fLaC', 'a flac file'],
  ['OggS', 'an ogg file'],
  ['ID3', 'an mp3 file'],
];

/**
 * Raw PCM from a Node stream, for example the output of `ffmpeg -f s16le`. The stream is read only as
 * fast as the chunks are asked for, and destroyed when the source is left early.
 *
 * @throws WhospeaksError at the pull: `audio-empty` for a stream of no bytes, `audio-truncated` where it
 *   ends in the middle of a sample, `audio-format` for text or for a file that is no raw PCM,
 *   `audio-not-finite`, and `file-unreadable` where the stream itself fails
 */
export function fromReadable(readable: Readable, format: PcmFormat): AudioSource {
  const { encoding, sampleRateHz, channels } = parseOptions('fromReadable', pcmFormatSchema, format);
  const decoder = new PcmDecoder(encoding, channels);

  async function* blocks(): AsyncGenerator<MonoBlock, void, undefined> {
    let first = true;
    try {
      for await (const piece of readable as AsyncIterable<unknown>) {
        if (!(piece instanceof Uint8Array)) {
          throw new WhospeaksError(
            'audio-format',
            'the stream delivers text, not bytes; do not set an encoding on it',
          );
        }
        if (first) rejectContainer(piece);
        first = false;
        yield { rateHz: sampleRateHz, samples: decoder.push(piece) };
      }
    } catch (error) {
      if (error instanceof WhospeaksError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new WhospeaksError('file-unreadable', `the stream of audio failed: ${why}`, { cause: error });
    }
    if (decoder.pendingBytes > 0) {
      throw new WhospeaksError(
        'audio-truncated',
        `the stream ended in the middle of a sample (${decoder.pendingBytes} bytes left over); check that it is ${encoding} with ${channels} channels`,
      );
    }
  }

  return createSource({
    live: false,
    open: () =>
      toAudio(blocks(), () => new WhospeaksError('audio-empty', 'the stream ended without any audio')),
  });
}

function rejectContainer(piece: Uint8Array): void {
  const head = Buffer.from(piece.buffer, piece.byteOffset, Math.min(piece.length, 12)).toString('latin1');
  const found = CONTAINERS.find(([signature]) => head.startsWith(signature));
  if (!found) return;
  throw new WhospeaksError(
    'audio-format',
    `the stream is ${found[1]}, not raw PCM; name the file instead, or send raw samples (ffmpeg -f s16le)`,
  );
}
