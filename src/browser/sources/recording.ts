import { z } from 'zod';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import { bytesPerSample, PcmDecoder } from '../../stream/pcm.js';
import type { SoundBlock, SoundSource } from '../sound-source.js';
import { ByteStream } from './byte-stream.js';
import { isPlainWav, isWav, readWavHead, type WavSamples } from './wav.js';

/** Read at a time of a wav file: under a second of most, so that the page is never held up. */
const READ_BYTES = 32_768;
/** Of a file that the browser decodes whole: some two hours of mp3 at 128 kbit/s. */
const MAX_DECODED_BYTES = 128 * 2 ** 20;
/** Samples handed over at a time of what was decoded whole. */
const PIECE_SAMPLES = SAMPLE_RATE_HZ;

const schema = z
  .strictObject({ channel: z.int().min(0).optional(), audio: z.enum(['mix', 'channels']).default('mix') })
  .refine(({ channel, audio }) => channel === undefined || audio === 'mix', {
    path: ['audio'],
    message: "expected 'mix' where one channel is chosen",
  });

export interface RecordingOptions {
  /** The one channel that is read, from 0; default: the mean of all. */
  readonly channel?: number | undefined;
  /** `mix` (default): channels are mixed to one. `channels`: each is kept, at most 8, for `identify` to hear by itself. */
  readonly audio?: 'mix' | 'channels' | undefined;
}

/**
 * A file that the user chose, or any other Blob. Plain wav is read in pieces, whatever its length, to the same samples as in Node.
 * Everything else is decoded whole by the browser, if it can: mp3, m4a, ogg, opus, flac, webm, up to
 * 128 MiB; its samples are those of the browser's decoder and resampler.
 *
 * @throws WhospeaksError at the pull that meets it: `file-unreadable`, `audio-empty`, `audio-unsupported`, `audio-truncated`,
 *   `audio-corrupt`, `audio-format`, `audio-limit`
 */
export function fromFile(file: Blob, options: RecordingOptions = {}): SoundSource {
  parseOptions('fromFile', z.object({ file: z.instanceof(Blob) }), { file });
  const name = 'name' in file && typeof file.name === 'string' ? file.name : 'the recording';
  return recording(
    () => new ByteStream(file.stream(), name),
    name,
    parseOptions('fromFile', schema, options),
  );
}

/**
 * The body of an answer of `fetch`, as it comes: plain wav is heard while it is still sent. Otherwise as `fromFile`.
 *
 * @throws WhospeaksError as `fromFile`; also `file-not-found`, and `source-closed` where the body was read already
 */
export function fromResponse(response: Response, options: RecordingOptions = {}): SoundSource {
  parseOptions('fromResponse', z.object({ response: z.instanceof(Response) }), { response });
  // Without the signature that an address may carry.
  const name = response.url === '' ? 'the answer' : new URL(response.url).pathname;
  const open = (): ByteStream => {
    if (response.status === 404 || response.status === 410)
      throw new WhospeaksError(
        'file-not-found',
        `${name} does not exist (${response.status}); check the address`,
      );
    if (!response.ok)
      throw new WhospeaksError(
        'file-unreadable',
        `${name} could not be read: the server answers ${response.status}`,
      );
    if (response.bodyUsed || response.body?.locked === true)
      throw new WhospeaksError('source-closed', `${name} was read already; fetch it again`);
    return new ByteStream(response.body ?? new Blob([]).stream(), name);
  };
  return recording(open, name, parseOptions('fromResponse', schema, options));
}

type Wanted = z.output<typeof schema>;

function recording(open: () => ByteStream, name: string, wanted: Wanted): SoundSource {
  const facts: { durationSeconds?: number } = {};
  let isRead = false;
  return {
    live: false,
    audio: wanted.audio,
    get durationSeconds() {
      return facts.durationSeconds;
    },
    open() {
      if (isRead)
        throw new WhospeaksError('source-closed', 'an audio source can be read only once; make a new one');
      isRead = true;
      return read(open, name, wanted, facts);
    },
  };
}

async function* read(
  open: () => ByteStream,
  name: string,
  wanted: Wanted,
  facts: { durationSeconds?: number },
): AsyncGenerator<SoundBlock, void, undefined> {
  const bytes = open();
  try {
    const head = await bytes.peek(LOOK_BYTES);
    if (head.length === 0) throw new WhospeaksError('audio-empty', `${name} is empty`);
    // A format that is not ours is told by its first chunks, which the browser's decoder wants too.
    const isPlain = isWav(head) && (await isPlainWav(peeked(head)));
    // Pictures and the like may lie before the samples, of any size.
    const samples = isPlain ? await readWavHead((count) => bytes.read(count), name) : undefined;
    const blocks =
      samples === undefined
        ? decodedWhole(await bytes.rest(MAX_DECODED_BYTES), name, facts)
        : wavBlocks(bytes, samples, name, facts);
    let isEmpty = true;
    for await (const { rateHz, planes } of blocks) {
      if ((planes[0]?.length ?? 0) === 0) continue;
      isEmpty = false;
      yield { rateHz, planes: chosen(planes, wanted.channel, name) };
    }
    if (isEmpty) throw new WhospeaksError('audio-empty', `${name} holds no audio samples`);
  } finally {
    await bytes.close();
  }
}

function chosen(
  planes: readonly Float32Array[],
  channel: number | undefined,
  name: string,
): readonly Float32Array[] {
  if (channel === undefined) return planes;
  const plane = planes[channel];
  if (plane !== undefined) return [plane];
  throw new WhospeaksError(
    'audio-format',
    `${name} has ${planes.length === 1 ? 'one channel' : `${planes.length} channels`}, and no channel ${channel}; they count from 0`,
  );
}

const LOOK_BYTES = 65_536;

function peeked(bytes: Uint8Array): (count: number) => Promise<Uint8Array> {
  let at = 0;
  return (count) => {
    const piece = bytes.slice(at, at + count);
    at += piece.length;
    return Promise.resolve(piece);
  };
}

async function* wavBlocks(
  bytes: ByteStream,
  { encoding, rateHz, channels, bytes: declared }: WavSamples,
  name: string,
  facts: { durationSeconds?: number },
): AsyncGenerator<SoundBlock, void, undefined> {
  const decoder = new PcmDecoder(encoding, channels);
  if (declared !== null) facts.durationSeconds = declared / (channels * bytesPerSample(encoding)) / rateHz;
  let left = declared ?? Infinity;
  while (left > 0) {
    const piece = await bytes.read(Math.min(READ_BYTES, left));
    if (piece.length === 0) break;
    left -= piece.length;
    yield { rateHz, planes: decoder.split(piece) };
  }
  if (declared !== null && left > 0) {
    throw new WhospeaksError(
      'audio-truncated',
      `${name} is cut short: ${left} of the ${declared} bytes of audio its header promises are missing`,
    );
  }
  if (decoder.pendingBytes > 0)
    throw new WhospeaksError('audio-truncated', `${name} ends in the middle of a sample`);
}

/** By the browser, which says neither how far it is nor what is wrong. */
async function* decodedWhole(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  facts: { durationSeconds?: number },
): AsyncGenerator<SoundBlock, void, undefined> {
  let decoded: AudioBuffer;
  try {
    const context = new OfflineAudioContext({ length: 1, sampleRate: SAMPLE_RATE_HZ });
    decoded = await context.decodeAudioData(bytes.buffer);
  } catch (cause) {
    const message = `this browser cannot decode ${name}; use wav, mp3, m4a, ogg or webm`;
    throw new WhospeaksError('audio-unsupported', message, { cause });
  }
  facts.durationSeconds = decoded.duration;
  const all = Array.from({ length: decoded.numberOfChannels }, (_, i) => decoded.getChannelData(i));
  for (let at = 0; at < decoded.length; at += PIECE_SAMPLES)
    yield { rateHz: SAMPLE_RATE_HZ, planes: all.map((plane) => plane.slice(at, at + PIECE_SAMPLES)) };
}
