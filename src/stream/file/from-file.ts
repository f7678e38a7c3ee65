import { z } from 'zod';
import { parseOptions } from '../../options.js';
import { createSource } from '../source.js';
import type { AudioSource } from '../types.js';
import { bytesInMemory, fileDescriptor, openFile, type ByteSource } from './byte-source.js';
import { decodeRecording } from './decode.js';
import type { FileFacts } from './format.js';

/** Of an option that names a channel. */
export const channelSchema = z.int().min(0).optional();
const schema = z.strictObject({ path: z.string().min(1), channel: channelSchema });

export interface FileOptions {
  /** The one channel that is read, from 0; default: the mean of all. Fails with `audio-format` where there is no such channel. */
  readonly channel?: number | undefined;
}

/**
 * An audio file: wav, flac, mp3, ogg (vorbis, opus, flac), m4a (AAC, Opus, FLAC, Apple Lossless), WebM or
 * Matroska (Opus, Vorbis, AAC, FLAC, PCM), or aac, told apart by content. Times are the container's: a hole in it is one here. It is read
 * and decoded in small pieces as they are asked for, so memory stays flat whatever its length. The file
 * is opened at the first pull; `durationSamples` is known from then on, where the file tells it. A wav
 * is decoded here, in small pieces; a process of its own decodes all else, within limits: a hostile file holds up
 * nothing.
 *
 * Faults come at the pull that meets them, after everything before them has been delivered:
 * `file-not-found`, `file-unreadable`, `audio-empty`, `audio-unsupported`, `audio-corrupt`,
 * `audio-truncated`, `audio-not-finite`, `audio-limit`.
 */
export function fromFile(path: string, options: FileOptions = {}): AudioSource {
  const { channel } = parseOptions('fromFile', schema, { path, ...options });
  return recording(() => openFile(path), channel);
}

/**
 * The same for an audio file that is in memory: nothing of it is written anywhere.
 *
 * @param bytes not copied: leave them as they are while the source is read
 * @param name what errors call it
 */
export function fromBytes(bytes: Uint8Array, name: string): AudioSource {
  return recording(() => Promise.resolve(bytesInMemory(bytes, name)));
}

/**
 * The same for a file that this process has been given open, as whoever started it may do.
 *
 * @param name what errors call it
 */
export function fromDescriptor(
  descriptor: number,
  sizeBytes: number,
  name: string,
  { channel }: FileOptions = {},
): AudioSource {
  return recording(() => Promise.resolve(fileDescriptor(descriptor, sizeBytes, name)), channel);
}

function recording(open: () => Promise<ByteSource>, channel?: number): AudioSource {
  const facts: FileFacts = { channel };
  return createSource({
    live: false,
    durationSamples: () => facts.durationSamples,
    channels: () => facts.channels,
    open: () => decodeRecording(open, facts),
  });
}
