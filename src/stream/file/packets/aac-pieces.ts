import { createRequire } from 'node:module';
import { getAudioDecoder } from '@humansignal/audio-file-decoder';
import { WhospeaksError } from '../../../errors.js';
import type { SoundBlock } from '../../condition.js';
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

/** Pieces that may fail to decode, each in some 50 ms: of each damaged frame it takes about ten to find it. */
const MAX_FAILURES = 40;

/**
 * Decode ADTS frames in bounded pieces with a WebAssembly build of FFmpeg's decoder (AAC-LC, HE-AAC). A damaged frame is
 * silence. Where `frames` fails, what came before is delivered first.
 *
 * @throws WhospeaksError `audio-corrupt`, once all else has been delivered
 */
export async function* decodeAacPieces(
  reader: ByteReader,
  frames: AsyncIterable<Packet>,
  coreRateHz: number,
): AsyncGenerator<SoundBlock, void, undefined> {
  const mixer = new DownMixer(reader.channels);
  let lead: Uint8Array[] = [];
  let piece: Packet[] = [];
  let form: { readonly rateHz: number; readonly perFrame: number; readonly planes: number } | null = null;
  let faults = 0;
  let firstFault = '';
  let failures = 0;

  /** The decoder gives nothing of a piece with one damaged frame: halves of it, until that frame is alone. */
  async function* decode(packets: readonly Packet[]): AsyncGenerator<SoundBlock, void, undefined> {
    if (packets.length === 0) return;
    const bytes = packets.map((packet) => packet.bytes);
    let decoded: DecodedPiece;
    try {
      decoded = await decodePiece(coreRateHz, lead, bytes);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (++failures > MAX_FAILURES) throw corrupt(reader, why, error);
      firstFault ||= why;
      if (packets.length === 1) {
        faults += 1;
        if (form !== null) {
          const { perFrame, planes, rateHz } = form;
          const silence = Array.from({ length: planes }, () => new Float32Array(perFrame));
          yield* place(packets, silence, [perFrame], rateHz);
        }
        return;
      }
      const half = packets.length >> 1;
      yield* decode(packets.slice(0, half));
      yield* decode(packets.slice(half));
      return;
    }
    const { rateHz, perFrame, channels } = decoded;
    faults += decoded.faults.length;
    firstFault ||= decoded.faults[0] ?? '';
    const planes = mixer.planes(channels, channels[0]!.length);
    form = { rateHz, perFrame, planes: planes.length };
    yield* place(
      packets,
      planes,
      packets.map(() => perFrame),
      rateHz,
    );
    lead = [...lead, ...bytes].slice(-LEAD_FRAMES);
  }

  let failure: { error: unknown } | null = null;
  try {
    for await (const frame of frames) {
      piece.push(frame);
      if (piece.length < PIECE_FRAMES) continue;
      const full = piece;
      piece = [];
      yield* decode(full);
    }
  } catch (error) {
    failure = { error };
  }
  yield* decode(piece);
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
  coreRateHz: number,
  lead: readonly Uint8Array[],
  piece: readonly Uint8Array[],
): Promise<DecodedPiece> {
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
