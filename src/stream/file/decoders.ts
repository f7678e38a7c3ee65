import { WhospeaksError } from '../../errors.js';
import { toAudio, type SoundBlock } from '../condition.js';
import type { AudioChunk } from '../types.js';
import { ByteReader } from './byte-reader.js';
import type { ByteSource } from './byte-source.js';
import { detectFormat, type AudioFormat } from './detect.js';
import type { FileDecoder, FileFacts } from './format.js';
import { decodeWav } from './wav/wav.js';

/** Loaded when a file of the format comes along: the decoders are WebAssembly, and big. */
const DECODERS: Record<AudioFormat, () => Promise<FileDecoder>> = {
  wav: () => Promise.resolve(decodeWav),
  flac: async () => (await import('./flac.js')).decodeFlac,
  mp3: async () => (await import('./mp3.js')).decodeMp3,
  'ogg-flac': async () => (await import('./ogg-flac.js')).decodeOggFlac,
  'ogg-vorbis': async () => (await import('./ogg.js')).decodeOggVorbis,
  'ogg-opus': async () => (await import('./ogg.js')).decodeOggOpus,
  mp4: async () => (await import('./mp4/mp4.js')).decodeMp4,
  matroska: async () => (await import('./matroska/matroska.js')).decodeMatroska,
  aac: async () => (await import('./aac.js')).decodeAac,
};

/**
 * A recording as audio, in this process: of what is not wav only for the one that decodes, which has limits (process/).
 * Faults come after everything before them.
 */
export function decodeAudio(source: ByteSource, facts: FileFacts): AsyncGenerator<AudioChunk> {
  const { name } = source;
  return toAudio(
    decodeBytes(source, facts),
    () => new WhospeaksError('audio-empty', `${name} holds no audio samples`),
  );
}

async function* decodeBytes(
  source: ByteSource,
  facts: FileFacts,
): AsyncGenerator<SoundBlock, void, undefined> {
  const reader = new ByteReader(source, facts);
  const format = await detectFormat(reader);
  const decode = await load(reader.name, format);
  yield* decode(reader, facts);
}

async function load(name: string, format: AudioFormat): Promise<FileDecoder> {
  try {
    return await DECODERS[format]();
  } catch (error) {
    const hint = 'install the package again, with Node 20.19 or later';
    throw new WhospeaksError('audio-unsupported', `${name}: the ${format} decoder does not load; ${hint}`, {
      cause: error,
    });
  }
}
