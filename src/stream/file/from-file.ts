import { z } from 'zod';
import { parseOptions } from '../../options.js';
import { audioSchema } from '../format.js';
import { createSource } from '../source.js';
import type { AudioSource } from '../types.js';
import { bytesInMemory, fileDescriptor, openFile, type ByteSource } from './byte-source.js';
import { decodeRecording } from './decode.js';
import { factsOf, type FileFacts } from './format.js';

/** Of an option that names a channel. */
export const channelSchema = z.int().min(0).optional();
/** What of a recording is read, for every source of one. */
export const channelFields = { channel: channelSchema, audio: audioSchema.default('mix') };
/** One channel is not kept apart from others. */
export function withChannelRules<Schema extends z.ZodObject<typeof channelFields>>(fields: Schema): Schema {
  return fields.refine(({ channel, audio }) => channel === undefined || audio === 'mix', {
    path: ['audio'],
    message: "expected 'mix' where one channel is chosen",
  });
}
const schema = withChannelRules(z.strictObject({ path: z.string().min(1), ...channelFields }));

export interface FileOptions {
  /** The one channel that is read, from 0; default: the mean of all. Fails with `audio-format` where there is no such channel. */
  readonly channel?: number | undefined;
  /**
   * `mix` (default): channels are mixed to one. `channels`: each is kept, for `identify` to hear by itself; fails with
   * `audio-format` beyond 8.
   */
  readonly audio?: 'mix' | 'channels' | undefined;
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
  const { channel, audio } = parseOptions('fromFile', schema, { path, ...options });
  return recording(() => openFile(path), { channel, audio });
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
  options: FileOptions = {},
): AudioSource {
  return recording(() => Promise.resolve(fileDescriptor(descriptor, sizeBytes, name)), options);
}

function recording(open: () => Promise<ByteSource>, { channel, audio }: FileOptions = {}): AudioSource {
  const facts: FileFacts = { channel, audio };
  return createSource({
    live: false,
    ...factsOf(facts),
    open: () => decodeRecording(open, facts),
  });
}
