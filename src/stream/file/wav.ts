import { WhospeaksError } from '../../errors.js';
import { bytesPerSample, PcmDecoder, type PcmEncoding } from '../pcm.js';
import { SAMPLE_RATE_HZ } from '../types.js';
import { READ_BYTES, type ByteReader } from './byte-reader.js';
import type { FileDecoder } from './format.js';

interface WavFormat {
  readonly encoding: PcmEncoding;
  readonly channels: number;
  readonly rateHz: number;
}

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
const FORMAT_EXTENSIBLE = 0xfffe;
const MAX_CHANNELS = 1024;
/** Sizes from here up are what writers to a pipe leave where they cannot know the length. */
const STREAMED_BYTES = 0x7fff0000;

/**
 * RIFF / WAVE: integers of 8 to 32 bits, 32 and 64 bit floats, A-law and mu-law, plain or EXTENSIBLE,
 * any number of channels, RF64 beyond 4 GiB. Chunks before the data are skipped. A data size of 0 or of
 * 2 GiB and more that the file does not hold means that the length was not known when the header was
 * written: everything to the end of the file is audio.
 */
export const decodeWav: FileDecoder = async function* (reader, facts) {
  await reader.skip(12);
  let format: WavFormat | null = null;
  let longBytes: number | null = null;
  for (;;) {
    const head = await reader.read(8);
    if (head.length < 8) throw noData(reader, format);
    const id = head.toString('latin1', 0, 4);
    const size = head.readUInt32LE(4);
    if (id === 'data') {
      if (!format) throw corrupt(reader, 'has no format before its data');
      yield* decodeData(reader, format, dataBytes(size, longBytes), (bytes) => {
        facts.durationSamples = durationSamples(bytes, format!);
      });
      return;
    }
    if (id === 'fmt ') {
      const fmt = await reader.peek(Math.min(size, 64));
      if (fmt.length < Math.min(size, 64)) throw noData(reader, format);
      format = parseFormat(reader, fmt);
    } else if (id === 'ds64') {
      const sizes = await reader.peek(Math.min(size, 28));
      if (sizes.length >= 16) longBytes = Number(sizes.readBigUInt64LE(8));
    }
    const padded = size + (size & 1);
    if ((await reader.skip(padded)) < size) throw noData(reader, format);
  }
};

/** Declared bytes of audio, or null where the writer could not know. */
function dataBytes(size: number, longBytes: number | null): number | null {
  if (size === 0xffffffff && longBytes !== null && longBytes > 0) return longBytes;
  return size === 0 ? null : size;
}

async function* decodeData(
  reader: ByteReader,
  format: WavFormat,
  declared: number | null,
  onLength: (bytes: number) => void,
) {
  const { encoding, channels, rateHz } = format;
  const inFile = reader.sizeBytes === undefined ? null : reader.sizeBytes - reader.position;
  const streamed =
    declared === null || (declared >= STREAMED_BYTES && (inFile === null || inFile < declared));
  if (declared === null && (await onlyChunksFollow(reader))) return;
  if (inFile !== null) onLength(streamed ? inFile : Math.min(declared, inFile));

  const decoder = new PcmDecoder(encoding, channels);
  let left = streamed ? Infinity : declared;
  while (left > 0) {
    const bytes = await reader.read(Math.min(READ_BYTES, left));
    if (bytes.length === 0) break;
    left -= bytes.length;
    yield { rateHz, samples: decoder.push(bytes) };
  }
  if (!streamed && left > 0) {
    throw new WhospeaksError(
      'audio-truncated',
      `${reader.name} is cut short: ${left} of the ${declared} bytes of audio its header promises are missing`,
    );
  }
  if (decoder.pendingBytes > 0 && streamed) {
    throw new WhospeaksError('audio-truncated', `${reader.name} ends in the middle of a sample`);
  }
}

/** After a data chunk that really is empty there may be tags; raw audio does not look like them. */
async function onlyChunksFollow(reader: ByteReader): Promise<boolean> {
  const next = await reader.peek(8);
  if (next.length === 0) return true;
  if (next.length < 8) return false;
  const rest = reader.sizeBytes === undefined ? Infinity : reader.sizeBytes - reader.position - 8;
  return (
    /^(LIST|id3 |ID3 |bext|cue |fact|JUNK)$/.test(next.toString('latin1', 0, 4)) &&
    next.readUInt32LE(4) <= rest
  );
}

function parseFormat(reader: ByteReader, fmt: Buffer): WavFormat {
  if (fmt.length < 16) throw corrupt(reader, 'has a damaged format chunk');
  let tag = fmt.readUInt16LE(0);
  const channels = fmt.readUInt16LE(2);
  const rateHz = fmt.readUInt32LE(4);
  const blockBytes = fmt.readUInt16LE(12);
  const bits = fmt.readUInt16LE(14);
  if (tag === FORMAT_EXTENSIBLE) {
    if (fmt.length < 26) throw corrupt(reader, 'has a damaged format chunk');
    tag = fmt.readUInt16LE(24);
  }
  if (channels === 0 || channels > MAX_CHANNELS) throw corrupt(reader, `claims ${channels} channels`);
  if (rateHz === 0) throw corrupt(reader, 'claims a sample rate of 0 Hz');
  const encoding = encodingOf(tag, bits);
  if (!encoding) {
    throw new WhospeaksError(
      'audio-unsupported',
      `${reader.name} holds wav format ${tag} with ${bits} bits, which is not supported; convert it to 16 bit PCM`,
    );
  }
  if (blockBytes !== bytesPerSample(encoding) * channels)
    throw corrupt(reader, 'has a format chunk that contradicts itself');
  return { encoding, channels, rateHz };
}

function encodingOf(tag: number, bits: number): PcmEncoding | null {
  const bytes = Math.ceil(bits / 8);
  if (tag === FORMAT_PCM) return ([null, 'u8', 's16le', 's24le', 's32le'] as const)[bytes] ?? null;
  if (tag === FORMAT_FLOAT) return bits === 32 ? 'f32le' : bits === 64 ? 'f64le' : null;
  if (tag === FORMAT_ALAW && bits === 8) return 'alaw';
  if (tag === FORMAT_MULAW && bits === 8) return 'mulaw';
  return null;
}

function durationSamples(bytes: number, { encoding, channels, rateHz }: WavFormat): number {
  const samples = Math.floor(bytes / (bytesPerSample(encoding) * channels));
  return Math.round((samples * SAMPLE_RATE_HZ) / rateHz);
}

function corrupt(reader: ByteReader, fault: string): WhospeaksError {
  return new WhospeaksError('audio-corrupt', `${reader.name} ${fault}; the wav file is damaged`);
}

function noData(reader: ByteReader, format: WavFormat | null): WhospeaksError {
  const where = format ? 'before its audio begins' : 'within its header';
  return new WhospeaksError('audio-truncated', `${reader.name} ends ${where}; the wav file is cut short`);
}
