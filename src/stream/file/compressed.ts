import { WhospeaksError } from '../../errors.js';
import type { SoundBlock } from '../condition.js';
import { DownMixer } from '../down-mix.js';
import type { ByteReader } from './byte-reader.js';

/** What the WebAssembly decoders give back. */
export interface Decoded {
  readonly channelData: Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { message: string }[];
}

/** A streaming decoder: pieces in, bytes cut anywhere for most, audio out. */
export interface StreamDecoder<Piece = Uint8Array> {
  readonly ready: Promise<void>;
  decode(piece: Piece): Decoded | Promise<Decoded>;
  flush?(): Promise<Decoded>;
  free(): unknown;
}

/** Among the pieces: another stream follows, for a decoder of its own. */
export const NEXT_STREAM = Symbol('next stream');

/** Small enough that even 6 kbit/s opus unfolds to a bounded piece. */
const BLOCK_BYTES = 16_384;

export interface CompressedFile<Piece> {
  readonly format: string;
  readonly makeDecoder: () => StreamDecoder<Piece>;
  /** What is decoded in one step each: so small that what it unfolds to is bounded. */
  readonly pieces: AsyncIterable<Piece | typeof NEXT_STREAM>;
  /** Where the sound begins that a piece gave, s; undefined where it follows what came before. */
  readonly place?: (samples: number, rateHz: number) => number | undefined;
  /** At the end of the file: what is wrong beyond what the decoder noticed, or null. */
  readonly verdict?: (
    decodedSamples: number,
  ) => { code: 'audio-truncated' | 'audio-corrupt'; what: string } | null;
}

/**
 * Feed a file to a streaming decoder piece by piece. Faults the decoder skipped over, or an end that
 * came too early, are told once everything that could be decoded has been delivered.
 *
 * @throws WhospeaksError `audio-corrupt` or `audio-truncated`
 */
export async function* decodeCompressed<Piece>(
  reader: ByteReader,
  file: CompressedFile<Piece>,
): AsyncGenerator<SoundBlock, void, undefined> {
  const { makeDecoder, format } = file;
  let decoder = makeDecoder();
  const mixer = new DownMixer(reader.channels);
  let decodedSamples = 0;
  let faults = 0;
  let firstFault = '';
  const take = (decoded: Decoded): SoundBlock | null => {
    faults += decoded.errors.length;
    firstFault ||= decoded.errors[0]?.message ?? '';
    if (decoded.samplesDecoded <= 0) return null;
    const { channelData, samplesDecoded, sampleRate: rateHz } = decoded;
    decodedSamples += samplesDecoded;
    const atSeconds = file.place?.(samplesDecoded, rateHz);
    const planes = mixer.planes(channelData, samplesDecoded);
    return atSeconds === undefined ? { rateHz, planes } : { rateHz, planes, atSeconds };
  };
  const corrupt = (why: string, cause?: unknown): WhospeaksError =>
    new WhospeaksError('audio-corrupt', `${reader.name} holds damaged ${format} audio: ${why}`, { cause });
  const attempt = async (decode: () => Decoded | Promise<Decoded>): Promise<Decoded> => {
    try {
      return await decode();
    } catch (error) {
      throw corrupt(oneLine(error), error);
    }
  };

  const flush = async (): Promise<SoundBlock | null> => {
    const last = decoder.flush?.bind(decoder);
    return last ? take(await attempt(last)) : null;
  };

  try {
    for await (const piece of file.pieces) {
      await decoder.ready;
      const block = piece === NEXT_STREAM ? await flush() : take(await attempt(() => decoder.decode(piece)));
      if (block) yield block;
      if (piece !== NEXT_STREAM) continue;
      await release(decoder);
      decoder = makeDecoder();
    }
    await decoder.ready;
    const block = await flush();
    if (block) yield block;
  } finally {
    await release(decoder);
  }
  const verdict = file.verdict?.(decodedSamples);
  if (verdict?.code === 'audio-truncated' && decodedSamples > 0) {
    throw new WhospeaksError('audio-truncated', `${reader.name} is cut short: ${verdict.what}`);
  }
  if (faults > 0) throw corrupt(`${faults} frames could not be decoded (${oneLine(firstFault)})`);
  if (verdict) throw corrupt(verdict.what);
  if (decodedSamples === 0) throw corrupt('no frame could be decoded');
}

/** The bytes of the file, for a decoder that finds its way in them. */
export async function* blocks(reader: ByteReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const bytes = await reader.read(BLOCK_BYTES);
    if (bytes.length === 0) return;
    yield bytes;
  }
}

/** A decoder that damage has brought down may not even be freed; its memory goes with its module. */
async function release(decoder: { free(): unknown }): Promise<void> {
  try {
    await decoder.free();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  }
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
