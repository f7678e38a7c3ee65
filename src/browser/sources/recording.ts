import { z } from 'zod';
import { Resampler } from '../../client/resampler.js';
import { WhospeaksError } from '../../errors.js';
import { parseOptions } from '../../options.js';
import { chunkOf } from '../../stream/chunk.js';
import { createSource } from '../../stream/create-source.js';
import { DownMixer, MAX_KEPT_CHANNELS, type Channels } from '../../stream/down-mix.js';
import { firstNonFinite, notFinite } from '../../stream/finite-samples.js';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import { bytesPerSample, PcmDecoder } from '../../stream/pcm.js';
import type { AudioChunk, AudioSource } from '../../stream/types.js';
import { ByteStream } from './byte-stream.js';
import { isWav, readWavHead, type WavSamples } from './wav.js';

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

interface Facts extends Channels {
  durationSamples?: number | undefined;
}

/**
 * A file that the user chose, or any other Blob. Plain wav is read in pieces, whatever its length, to the same samples as in Node
 * (at 16 kHz to the bit). Everything else is decoded whole by the browser, if it can: mp3, m4a, ogg, opus, flac, webm, up to
 * 128 MiB; its samples are those of the browser's decoder and resampler.
 *
 * @throws WhospeaksError at the pull that meets it: `file-unreadable`, `audio-empty`, `audio-unsupported`, `audio-truncated`,
 *   `audio-corrupt`, `audio-format`, `audio-not-finite`, `audio-limit`
 */
export function fromFile(file: Blob, options: RecordingOptions = {}): AudioSource {
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
export function fromResponse(response: Response, options: RecordingOptions = {}): AudioSource {
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

function recording(open: () => ByteStream, name: string, wanted: z.output<typeof schema>): AudioSource {
  const facts: Facts = { ...wanted };
  return createSource({
    live: false,
    durationSamples: () => facts.durationSamples,
    channels: () => facts.channels,
    isMixed: () => facts.isMixed,
    open: () => read(open(), name, facts),
  });
}

async function* read(
  bytes: ByteStream,
  name: string,
  facts: Facts,
): AsyncGenerator<AudioChunk, void, undefined> {
  const end = new End(name);
  try {
    const head = await bytes.peek(LOOK_BYTES);
    if (head.length === 0) throw new WhospeaksError('audio-empty', `${name} is empty`);
    // A format that is not ours is told by its first chunks, which the browser's decoder wants too.
    const samples = isWav(head) ? await readWavHead(peeked(head), name).catch(() => undefined) : undefined;
    if (samples === undefined) yield* end.of(decodedWhole(await bytes.rest(MAX_DECODED_BYTES), name, facts));
    else {
      await readWavHead((count) => bytes.read(count), name);
      yield* end.of(wavChunks(bytes, samples, name, facts));
    }
  } finally {
    await bytes.close();
  }
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

/** A recording without a sample is told as such. */
class End {
  constructor(private readonly name: string) {}

  async *of(chunks: AsyncIterable<AudioChunk>): AsyncGenerator<AudioChunk, void, undefined> {
    let isEmpty = true;
    for await (const chunk of chunks) {
      if (chunk.samples.length === 0) continue;
      isEmpty = false;
      yield chunk;
    }
    if (isEmpty) throw new WhospeaksError('audio-empty', `${this.name} holds no audio samples`);
  }
}

async function* wavChunks(
  bytes: ByteStream,
  { encoding, rateHz, channels, bytes: declared }: WavSamples,
  name: string,
  facts: Facts,
): AsyncGenerator<AudioChunk, void, undefined> {
  const decoder = new PcmDecoder(encoding, channels, facts);
  const frame = channels * bytesPerSample(encoding);
  if (declared !== null) facts.durationSamples = Math.round((declared / frame / rateHz) * SAMPLE_RATE_HZ);
  let resamplers: Resampler[] | undefined;
  let startSample = 0;
  let heard = 0;
  const next = (planes: readonly Float32Array[]): AudioChunk => {
    const chunk = chunkOf(startSample, planes);
    startSample += chunk.samples.length;
    return chunk;
  };
  let left = declared ?? Infinity;
  while (left > 0) {
    const piece = await bytes.read(Math.min(READ_BYTES, left));
    if (piece.length === 0) break;
    left -= piece.length;
    const planes = decoder.push(piece);
    const bad = firstNonFinite(planes);
    const good = bad < 0 ? planes : planes.map((plane) => plane.subarray(0, bad));
    if (rateHz === SAMPLE_RATE_HZ) yield next(good);
    else {
      resamplers ??= planes.map(() => new Resampler(rateHz));
      yield next(good.map((plane, i) => resamplers![i]!.push(plane)));
    }
    if (bad >= 0) throw notFinite(heard + bad, rateHz);
    heard += planes[0]?.length ?? 0;
  }
  if (resamplers !== undefined) yield next(resamplers.map((resampler) => resampler.flush()));
  if (declared !== null && left > 0) {
    throw new WhospeaksError(
      'audio-truncated',
      `${name} is cut short: ${left} of the ${declared} bytes of audio its header promises are missing`,
    );
  }
  if (decoder.pendingBytes > 0)
    throw new WhospeaksError('audio-truncated', `${name} ends in the middle of a sample`);
}

/** By the browser, which tells neither how far it is nor what is wrong. */
async function* decodedWhole(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  facts: Facts,
): AsyncGenerator<AudioChunk, void, undefined> {
  let decoded: AudioBuffer;
  try {
    const context = new OfflineAudioContext({ length: 1, sampleRate: SAMPLE_RATE_HZ });
    decoded = await context.decodeAudioData(bytes.buffer);
  } catch (cause) {
    const message = `this browser cannot decode ${name}; use wav, mp3, m4a, ogg or webm`;
    throw new WhospeaksError('audio-unsupported', message, { cause });
  }
  facts.durationSamples = decoded.length;
  if (facts.audio === 'channels' && decoded.numberOfChannels > MAX_KEPT_CHANNELS)
    throw new WhospeaksError('audio-format', `${name} has more than ${MAX_KEPT_CHANNELS} channels; mix them`);
  const mixer = new DownMixer(facts);
  const all = Array.from({ length: decoded.numberOfChannels }, (_, i) => decoded.getChannelData(i));
  for (let at = 0; at < decoded.length; at += PIECE_SAMPLES) {
    const planes = all.map((plane) => plane.slice(at, at + PIECE_SAMPLES));
    yield chunkOf(at, mixer.planes(planes, planes[0]!.length));
  }
}
