import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { WhospeaksError } from '../../errors.js';
import { SAMPLE_RATE_HZ } from '../types.js';
import type { ByteReader } from './byte-reader.js';
import { decodeCompressed, NEXT_STREAM, type CompressedFile, type StreamDecoder } from './compressed.js';
import { parseFlacInfo, selfContained, type FlacInfo } from './flac-frame.js';
import { flacFrames, type FlacFaults, type FlacFrame } from './flac-frames.js';
import type { FileDecoder } from './format.js';

const INFO_BYTES = 34;
/** Values (samples of all channels) decoded in one step: a frame has half a million at most. */
const STEP_VALUES = 65_536;

/** FLAC. STREAMINFO (RFC 9639, 8.2) tells the rate and, where the encoder knew it, the length. */
export const decodeFlac: FileDecoder = async function* (reader, facts) {
  const info = await readMetadata(reader);
  const { rateHz, totalSamples } = info;
  if (totalSamples > 0) facts.durationSamples = Math.round((totalSamples * SAMPLE_RATE_HZ) / rateHz);
  const faults: FlacFaults = { damaged: 0, cutShort: false };
  yield* decodeCompressed(reader, {
    format: 'flac',
    makeDecoder: () => flacDecoder(() => info),
    pieces: flacSteps(reader, flacFrames(reader, info, faults), () => info, faults),
    verdict: flacVerdict(faults, totalSamples),
  });
};

/** Past all metadata blocks (RFC 9639, 8), to the first frame. */
async function readMetadata(reader: ByteReader): Promise<FlacInfo> {
  await reader.skip(4);
  let info: FlacInfo | null = null;
  for (let isLast = false; !isLast;) {
    const head = await reader.read(4);
    if (head.length < 4) throw damagedInfo(reader);
    const size = head.readUIntBE(1, 3);
    isLast = head[0]! >> 7 === 1;
    if ((head[0]! & 0x7f) === 0) info ??= flacInfo(reader, await reader.peek(INFO_BYTES));
    if ((await reader.skip(size)) < size) throw damagedInfo(reader);
  }
  if (info === null) throw damagedInfo(reader);
  return info;
}

/** @throws WhospeaksError `audio-corrupt` */
export function flacInfo(reader: ByteReader, bytes: Buffer): FlacInfo {
  const info = bytes.length < INFO_BYTES ? null : parseFlacInfo(bytes);
  if (info === null || info.rateHz === 0) throw damagedInfo(reader);
  return info;
}

function damagedInfo({ name }: ByteReader): WhospeaksError {
  return new WhospeaksError('audio-corrupt', `${name} holds damaged flac audio: its header is not complete`);
}

/** One that goes by STREAMINFO for the rate, which frames need not tell. */
export function flacDecoder(info: () => FlacInfo): StreamDecoder<readonly Uint8Array[]> {
  const decoder = new FLACDecoder();
  return {
    ready: decoder.ready,
    decode: async (frames) => ({ ...(await decoder.decodeFrames([...frames])), sampleRate: info().rateHz }),
    free: () => {
      decoder.free();
    },
  };
}

/** Frames in steps for the decoder. Such that contradict STREAMINFO are left out, and counted. */
export async function* flacSteps(
  reader: ByteReader,
  frames: AsyncIterable<FlacFrame | typeof NEXT_STREAM>,
  info: () => FlacInfo,
  faults: FlacFaults,
): AsyncGenerator<readonly Uint8Array[] | typeof NEXT_STREAM, void, undefined> {
  let step: Uint8Array[] = [];
  let values = 0;
  for await (const frame of frames) {
    if (frame === NEXT_STREAM) {
      if (step.length > 0) yield step;
      yield NEXT_STREAM;
      [step, values] = [[], 0];
      continue;
    }
    const { bytes, header } = frame;
    const { channels, bits } = info();
    if (header.channels !== channels) {
      faults.damaged += 1;
      continue;
    }
    if (values > 0 && values + header.samples * channels > STEP_VALUES) {
      yield step;
      [step, values] = [[], 0];
    }
    const whole = selfContained(bytes, header, info());
    if (whole === null) {
      throw new WhospeaksError(
        'audio-unsupported',
        `${reader.name} holds flac of ${bits} bits a sample; convert it to 16 or 24 bits`,
      );
    }
    step.push(whole);
    values += header.samples * channels;
  }
  if (step.length > 0) yield step;
}

/** What is wrong at the end, of a stream that should hold `totalSamples`, 0 where that is not known. */
export function flacVerdict(
  faults: FlacFaults,
  totalSamples: number,
): NonNullable<CompressedFile<unknown>['verdict']> {
  return (decoded) => {
    if (decoded < totalSamples) {
      const what = `it holds ${decoded} of the ${totalSamples} samples its header promises`;
      return { code: 'audio-truncated', what };
    }
    if (faults.damaged > 0) return { code: 'audio-corrupt', what: `${faults.damaged} places are damaged` };
    return faults.cutShort ? { code: 'audio-truncated', what: 'its last frame is not complete' } : null;
  };
}
