import { WhospeaksError } from '../../../errors.js';
import type { Channels } from '../../down-mix.js';
import { bytesPerSample, PcmDecoder, type PcmEncoding } from '../../pcm.js';
import { AdpcmDecoder, type AdpcmFormat } from './adpcm.js';
import { imaAdpcm } from './ima-adpcm.js';
import { msAdpcm } from './ms-adpcm.js';

/** What the format chunk of a wav says. */
export interface WavFormat {
  readonly rateHz: number;
  /** What is decoded at a time: a sample of all channels, or a block of ADPCM. */
  readonly blockBytes: number;
  readonly samplesIn: (bytes: number) => number;
  readonly makeDecoder: (wanted: Channels) => WavDecoder;
}

/** Bytes, cut anywhere, to samples of each channel that is wanted. */
export interface WavDecoder {
  readonly pendingBytes: number;
  push(bytes: Uint8Array): Float32Array[];
  /** At the end: what a last block that is cut short still holds. */
  flush?(): Float32Array[];
}

const FORMAT_PCM = 1;
const FORMAT_MS_ADPCM = 2;
const FORMAT_FLOAT = 3;
const FORMAT_ALAW = 6;
const FORMAT_MULAW = 7;
const FORMAT_IMA_ADPCM = 0x11;
const FORMAT_EXTENSIBLE = 0xfffe;
/** Bits a sample of formats that have no others. */
const BITS_OF = new Map([
  [FORMAT_MS_ADPCM, 4],
  [FORMAT_ALAW, 8],
  [FORMAT_MULAW, 8],
  [FORMAT_IMA_ADPCM, 4],
]);
/** What is met in wav files and not read (RFC 2361). */
const NAMES = new Map([
  [0x20, 'Yamaha ADPCM in a wav'],
  [0x31, 'GSM 6.10 in a wav'],
  [0x45, 'G.726 ADPCM in a wav'],
  [0x50, 'MPEG audio in a wav'],
  [0x55, 'mp3 in a wav'],
  [0x28f, 'G.722 ADPCM in a wav'],
  [0xff, 'AAC in a wav'],
  [0x2000, 'AC-3 in a wav'],
]);
const MAX_CHANNELS = 1024;
const MAX_ADPCM_CHANNELS = 8;

/** @throws WhospeaksError `audio-corrupt` or `audio-unsupported` */
export function parseWavFormat(name: string, chunk: Buffer): WavFormat {
  const corrupt = (fault: string): WhospeaksError =>
    new WhospeaksError('audio-corrupt', `${name} ${fault}; the wav file is damaged`);
  if (chunk.length < 16) throw corrupt('has a damaged format chunk');
  let tag = chunk.readUInt16LE(0);
  const channels = chunk.readUInt16LE(2);
  const rateHz = chunk.readUInt32LE(4);
  const blockBytes = chunk.readUInt16LE(12);
  if (tag === FORMAT_EXTENSIBLE) {
    if (chunk.length < 26) throw corrupt('has a damaged format chunk');
    tag = chunk.readUInt16LE(24);
  }
  if (channels === 0 || channels > MAX_CHANNELS) throw corrupt(`claims ${channels} channels`);
  if (rateHz === 0) throw corrupt('claims a sample rate of 0 Hz');
  // Some writers leave what follows from the rest at 0.
  const bits =
    chunk.readUInt16LE(14) ||
    BITS_OF.get(tag) ||
    Math.floor(((blockBytes || chunk.readUInt32LE(8) / rateHz) * 8) / channels);
  if (tag === FORMAT_IMA_ADPCM || tag === FORMAT_MS_ADPCM) {
    const isIma = tag === FORMAT_IMA_ADPCM;
    if (bits !== 4 || channels > MAX_ADPCM_CHANNELS)
      throw unsupported(name, `ADPCM of ${bits} bits and ${channels} channels`);
    const adpcm = isIma
      ? imaAdpcm(channels, blockBytes)
      : msAdpcm(channels, blockBytes, predictors(chunk, corrupt));
    if (blockBytes <= adpcm.headBytes) throw corrupt('has blocks with no room for a sample');
    return ofAdpcm(rateHz, adpcm);
  }
  const encoding = encodingOf(tag, bits);
  if (!encoding) throw unsupported(name, NAMES.get(tag) ?? `wav format ${tag} with ${bits} bits`);
  const frameBytes = bytesPerSample(encoding) * channels;
  if (blockBytes !== 0 && blockBytes !== frameBytes)
    throw corrupt('has a format chunk that contradicts itself');
  return {
    rateHz,
    blockBytes: frameBytes,
    samplesIn: (bytes) => Math.floor(bytes / frameBytes),
    makeDecoder: (wanted) => new PcmDecoder(encoding, channels, wanted),
  };
}

function ofAdpcm(rateHz: number, format: AdpcmFormat): WavFormat {
  const { blockBytes, headBytes } = format;
  return {
    rateHz,
    blockBytes,
    samplesIn: (bytes) => {
      const rest = bytes % blockBytes;
      const whole = Math.floor(bytes / blockBytes) * format.samplesIn(blockBytes);
      return whole + (rest < headBytes ? 0 : format.samplesIn(rest));
    },
    makeDecoder: (wanted) => new AdpcmDecoder(format, wanted),
  };
}

/** The predictors of MS ADPCM that stand after its samples per block; null where there are none. */
function predictors(
  chunk: Buffer,
  corrupt: (fault: string) => WhospeaksError,
): (readonly [number, number])[] | null {
  const count = chunk.length < 22 ? 0 : chunk.readUInt16LE(20);
  if (count === 0) return null;
  if (22 + 4 * count > chunk.length) throw corrupt(`claims ${count} predictors that are not there`);
  return Array.from({ length: count }, (_, i) => [
    chunk.readInt16LE(22 + 4 * i),
    chunk.readInt16LE(24 + 4 * i),
  ]);
}

function encodingOf(tag: number, bits: number): PcmEncoding | null {
  const bytes = Math.ceil(bits / 8);
  if (tag === FORMAT_PCM) return ([null, 'u8', 's16le', 's24le', 's32le'] as const)[bytes] ?? null;
  if (tag === FORMAT_FLOAT) return bits === 32 ? 'f32le' : bits === 64 ? 'f64le' : null;
  if (tag === FORMAT_ALAW && bits === 8) return 'alaw';
  if (tag === FORMAT_MULAW && bits === 8) return 'mulaw';
  return null;
}

function unsupported(name: string, what: string): WhospeaksError {
  return new WhospeaksError(
    'audio-unsupported',
    `${name} holds ${what}, which is not supported; convert it to 16 bit PCM`,
  );
}
