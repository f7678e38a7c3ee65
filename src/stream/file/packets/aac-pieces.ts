import { createRequire } from 'node:module';
import { getAudioDecoder } from '@humansignal/audio-file-decoder';
import { WhospeaksError } from '../../../errors.js';
import type { MonoBlock } from '../../condition.js';
import { DownMixer } from '../../down-mix.js';
import type { ByteReader } from '../byte-reader.js';
import { takePrinted } from '../process/decoder-console.js';
import type { Packet } from './packet.js';
import { place } from './place.js';

/** Frames decoded at a time, about 12 s at 44.1 kHz. */
const PIECE_FRAMES = 512;
/**
 * Frames before a piece that are decoded again and thrown away, so that the decoder is in the state it
 * would be in had it never stopped: overlap-add needs one, spectral band replication waits for its next
 * header, which encoders send about once a second.
 */
const LEAD_FRAMES = 48;
/** Samples of the AAC core in a frame. */
const AAC_FRAME_SAMPLES = 1024;

/** How FFmpeg begins what it prints of a stream: `[aac @ 0x123]`. */
const FAULT = /^\[\w+ @ 0x/;

const WASM_PATH = fileOf('@humansignal/audio-file-decoder/decode-audio.wasm');

/** By a name that a bundler does not know: it would take the file for a module, and refuse the program. */
function fileOf(name: string): string {
  return createRequire(import.meta.url).resolve(name);
}

/**
 * Decode ADTS frames in bounded pieces with a WebAssembly build of FFmpeg's decoder (AAC-LC, HE-AAC).
 * Where `frames` fails, what came before is delivered first.
 *
 * @throws WhospeaksError `audio-corrupt`
 */
export async function* decodeAacPieces(
  reader: ByteReader,
  frames: AsyncIterable<Packet>,
  coreRateHz: number,
): AsyncGenerator<MonoBlock, void, undefined> {
  const mixer = new DownMixer(reader.channels);
  let lead: Uint8Array[] = [];
  let piece: Packet[] = [];
  let faults = 0;
  let firstFault = '';

  async function* flushPiece(): AsyncGenerator<MonoBlock, void, undefined> {
    const bytes = piece.map((packet) => packet.bytes);
    const decoded = await decodePiece(reader, coreRateHz, lead, bytes);
    faults += decoded.faults.length;
    firstFault ||= decoded.faults[0] ?? '';
    const samples = mixer.mix(decoded.channels, decoded.channels[0]!.length);
    const lengths = piece.map(() => decoded.perFrame);
    yield* place(piece, samples, lengths, decoded.rateHz);
    lead = [...lead, ...bytes].slice(-LEAD_FRAMES);
    piece = [];
  }

  let failure: { error: unknown } | null = null;
  try {
    for await (const frame of frames) {
      piece.push(frame);
      if (piece.length === PIECE_FRAMES) yield* flushPiece();
    }
  } catch (error) {
    failure = { error };
  }
  if (piece.length > 0) yield* flushPiece();
  if (failure) throw failure.error;
  if (faults > 0) throw corrupt(reader, `${firstFault} (${faults} faults)`);
}

interface DecodedPiece {
  readonly rateHz: number;
  readonly channels: readonly Float32Array[];
  /** Samples of each frame. */
  readonly perFrame: number;
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
      const channels = deinterleave(decoded.subarray(skip * channelCount), channelCount, count);
      return { rateHz, channels, perFrame, faults };
    } finally {
      decoder.dispose();
    }
  } catch (error) {
    throw corrupt(reader, error instanceof Error ? error.message : String(error), error);
  }
}

/** The channels, zeros where the decoder gave less than `count`. */
function deinterleave(interleaved: Float32Array, channels: number, count: number): Float32Array[] {
  const whole = Math.min(count, Math.floor(interleaved.length / channels));
  return Array.from({ length: channels }, (_, c) => {
    const channel = new Float32Array(count);
    for (let i = 0; i < whole; i++) channel[i] = interleaved[i * channels + c]!;
    return channel;
  });
}

function corrupt(reader: ByteReader, why: string, cause?: unknown): WhospeaksError {
  const line = why
    .replace(/^\[.*?\]/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return new WhospeaksError('audio-corrupt', `${reader.name} holds damaged AAC audio: ${line}`, { cause });
}
