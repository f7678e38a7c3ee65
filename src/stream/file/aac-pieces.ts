import { createRequire } from 'node:module';
import { getAudioDecoder } from '@humansignal/audio-file-decoder';
import { WhospeaksError } from '../../errors.js';
import type { MonoBlock } from '../condition.js';
import type { ByteReader } from './byte-reader.js';
import { takePrinted } from './process/decoder-console.js';

/** Frames decoded at a time, about 12 s at 44.1 kHz. */
const PIECE_FRAMES = 512;
/**
 * Frames before a piece that are decoded again and thrown away, so that the decoder is in the state it
 * would be in had it never stopped: overlap-add needs one, spectral band replication waits for its next
 * header, which encoders send about once a second.
 */
const LEAD_FRAMES = 48;
/** Samples of the AAC core in a frame. */
export const AAC_FRAME_SAMPLES = 1024;

/** How FFmpeg begins what it prints of a stream: `[aac @ 0x123]`. */
const FAULT = /^\[\w+ @ 0x/;

const WASM_PATH = createRequire(import.meta.url).resolve('@humansignal/audio-file-decoder/decode-audio.wasm');

/** The part of the decoded stream that is audio: encoders put priming before it and padding after. */
export interface AacTrim {
  readonly startSeconds: number;
  /** Infinity where the container does not tell. */
  readonly lengthSeconds: number;
}

/**
 * Decode ADTS frames in bounded pieces with a WebAssembly build of FFmpeg's decoder (AAC-LC, HE-AAC).
 * Where `frames` fails, what came before is delivered first.
 *
 * @param trim asked for once, after the first frame has come
 * @throws WhospeaksError `audio-corrupt`, and `audio-truncated` where the stream is shorter than `trim` says
 */
export async function* decodeAacPieces(
  reader: ByteReader,
  frames: AsyncIterable<Uint8Array>,
  coreRateHz: number,
  trim: () => AacTrim,
): AsyncGenerator<MonoBlock, void, undefined> {
  let lead: Uint8Array[] = [];
  let piece: Uint8Array[] = [];
  let rateHz = 0;
  let skip = 0;
  let keep = Infinity;
  let faults = 0;
  let firstFault = '';

  async function flushPiece(): Promise<MonoBlock> {
    const decoded = await decodePiece(reader, coreRateHz, lead, piece);
    faults += decoded.faults.length;
    firstFault ||= decoded.faults[0] ?? '';
    if (rateHz === 0) {
      rateHz = decoded.rateHz;
      const { startSeconds, lengthSeconds } = trim();
      skip = Math.round(startSeconds * rateHz);
      keep = Math.round(lengthSeconds * rateHz);
    }
    const samples = decoded.samples.subarray(skip, skip + keep);
    skip = Math.max(0, skip - decoded.samples.length);
    keep -= samples.length;
    lead = [...lead, ...piece].slice(-LEAD_FRAMES);
    piece = [];
    return { rateHz, samples };
  }

  let failure: { error: unknown } | null = null;
  try {
    for await (const frame of frames) {
      piece.push(frame);
      if (piece.length === PIECE_FRAMES) yield await flushPiece();
    }
  } catch (error) {
    failure = { error };
  }
  if (piece.length > 0) yield await flushPiece();
  if (failure) throw failure.error;
  if (faults > 0) throw corrupt(reader, `${firstFault} (${faults} faults)`);
  if (Number.isFinite(keep) && keep > 2 * AAC_FRAME_SAMPLES) {
    const seconds = (keep / rateHz).toFixed(2);
    throw new WhospeaksError(
      'audio-truncated',
      `${reader.name} is cut short: its last ${seconds} s are missing`,
    );
  }
}

interface DecodedPiece extends MonoBlock {
  /** What the decoder had to say of damage. */
  readonly faults: readonly string[];
}

async function decodePiece(
  reader: ByteReader,
  coreRateHz: number,
  lead: readonly Uint8Array[],
  piece: readonly Uint8Array[],
): Promise<DecodedPiece> {
  try {
    const stream = Buffer.concat([...lead, ...piece]);
    const bytes = stream.buffer.slice(stream.byteOffset, stream.byteOffset + stream.length);
    const decoder = await getAudioDecoder(WASM_PATH, bytes);
    try {
      const { sampleRate: rateHz, channelCount } = decoder;
      // Band replication doubles the rate, and with it the samples a frame holds.
      const perFrame = (AAC_FRAME_SAMPLES * rateHz) / coreRateHz;
      const skip = lead.length * perFrame;
      const count = piece.length * perFrame;
      const seconds = (skip + count + 1) / rateHz;
      takePrinted();
      const decoded = decoder.decodeAudioData(0, seconds, { multiChannel: true });
      const faults = takePrinted().filter((line) => FAULT.test(line));
      const samples = mixInterleaved(decoded.subarray(skip * channelCount), channelCount, count);
      return { rateHz, samples, faults };
    } finally {
      decoder.dispose();
    }
  } catch (error) {
    throw corrupt(reader, error instanceof Error ? error.message : String(error), error);
  }
}

/** Mean of the channels, zeros where the decoder gave less than `count`. */
function mixInterleaved(interleaved: Float32Array, channels: number, count: number): Float32Array {
  const mono = new Float32Array(count);
  const whole = Math.min(count, Math.floor(interleaved.length / channels));
  for (let i = 0; i < whole; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += interleaved[i * channels + c]!;
    mono[i] = sum / channels;
  }
  return mono;
}

function corrupt(reader: ByteReader, why: string, cause?: unknown): WhospeaksError {
  const line = why
    .replace(/^\[.*?\]/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return new WhospeaksError('audio-corrupt', `${reader.name} holds damaged AAC audio: ${line}`, { cause });
}
