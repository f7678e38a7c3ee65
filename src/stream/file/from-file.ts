import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { toAudio, type MonoBlock } from '../condition.js';
import { createSource } from '../source.js';
import type { AudioSource } from '../types.js';
import { ByteReader } from './byte-reader.js';
import { detectFormat, type AudioFormat } from './detect.js';
import type { FileDecoder, FileFacts } from './format.js';
import { decodeWav } from './wav.js';

/** Loaded when a file of the format comes along: the decoders are WebAssembly, and big. */
const DECODERS: Record<AudioFormat, () => Promise<FileDecoder>> = {
  wav: () => Promise.resolve(decodeWav),
  flac: async () => (await import('./flac.js')).decodeFlac,
  mp3: async () => (await import('./mp3.js')).decodeMp3,
  'ogg-flac': async () => (await import('./ogg.js')).decodeOggFlac,
  'ogg-vorbis': async () => (await import('./ogg.js')).decodeOggVorbis,
  'ogg-opus': async () => (await import('./ogg.js')).decodeOggOpus,
  mp4: async () => (await import('./mp4.js')).decodeMp4,
  aac: async () => (await import('./aac.js')).decodeAac,
};

const pathSchema = z.strictObject({ path: z.string().min(1) });

/**
 * An audio file: wav, flac, mp3, ogg (vorbis, opus, flac), m4a or aac, told apart by content. It is read
 * and decoded in small pieces as they are asked for, so memory stays flat whatever its length. The file
 * is opened at the first pull; `durationSamples` is known from then on, where the file tells it.
 *
 * Faults come at the pull that meets them, after everything before them has been delivered:
 * `file-not-found`, `file-unreadable`, `audio-empty`, `audio-unsupported`, `audio-corrupt`,
 * `audio-truncated`, `audio-not-finite`.
 */
export function fromFile(path: string): AudioSource {
  parseOptions('fromFile', pathSchema, { path });
  const facts: FileFacts = {};
  return createSource({
    live: false,
    durationSamples: () => facts.durationSamples,
    open: () =>
      toAudio(
        decodeFile(path, facts),
        () => new WhospeaksError('audio-empty', `${path} holds no audio samples`),
      ),
  });
}

async function load(path: string, format: AudioFormat): Promise<FileDecoder> {
  try {
    return await DECODERS[format]();
  } catch (error) {
    const hint = 'install the package again, with Node 20.19 or later';
    throw new WhospeaksError('audio-unsupported', `${path}: the ${format} decoder does not load; ${hint}`, {
      cause: error,
    });
  }
}

async function* decodeFile(path: string, facts: FileFacts): AsyncGenerator<MonoBlock, void, undefined> {
  const reader = await ByteReader.open(path);
  try {
    const format = await detectFormat(reader);
    const decode = await load(path, format);
    yield* decode(reader, facts);
  } finally {
    await reader.close();
  }
}
