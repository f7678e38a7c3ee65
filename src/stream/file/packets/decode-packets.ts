import { WhospeaksError } from '../../../errors.js';
import type { SoundBlock } from '../../condition.js';
import { DownMixer } from '../../down-mix.js';
import type { ByteReader } from '../byte-reader.js';
import type { Packet } from './packet.js';
import { place } from './place.js';

/** A decoder of one packet after the other. */
export interface PacketDecoder {
  readonly rateHz: number;
  /** @returns a channel each; throws where the packet is damaged */
  decode(packet: Uint8Array): readonly Float32Array[] | Promise<readonly Float32Array[]>;
  free(): void;
}

/** A decoder that damage has brought down may not even be freed; its memory goes with its module. */
function release(decoder: PacketDecoder): void {
  try {
    decoder.free();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  }
}

/** Sound that is handed on at a time, s. */
const PIECE_SECONDS = 0.5;

/**
 * Decode packets, each put where its container says. Damaged ones are left out, and told of once everything else has
 * been delivered.
 *
 * @throws WhospeaksError `audio-corrupt`, and what `packets` throws
 */
export async function* decodePackets(
  reader: ByteReader,
  format: string,
  packets: AsyncIterable<Packet>,
  decoder: PacketDecoder,
): AsyncGenerator<SoundBlock, void, undefined> {
  const { rateHz } = decoder;
  const mixer = new DownMixer(reader.channels);
  let held: Packet[] = [];
  let pieces: Float32Array[][] = [];
  let heldSamples = 0;
  let faults = 0;
  let firstFault = '';
  let failure: { error: unknown } | null = null;
  function* flush(): Generator<SoundBlock, void, undefined> {
    const planes = (pieces[0] ?? []).map((_, channel) => {
      const samples = new Float32Array(heldSamples);
      let at = 0;
      for (const piece of pieces) {
        if (piece[channel] !== undefined) samples.set(piece[channel], at);
        at += piece[0]!.length;
      }
      return samples;
    });
    const lengths = pieces.map((piece) => piece[0]!.length);
    yield* place(held, planes, lengths, rateHz);
    [held, pieces, heldSamples] = [[], [], 0];
  }
  try {
    try {
      for await (const packet of packets) {
        let channels: readonly Float32Array[];
        try {
          channels = await decoder.decode(packet.bytes);
        } catch (error) {
          faults += 1;
          firstFault ||= error instanceof Error ? error.message : String(error);
          // A decoder that damage has brought down decodes nothing more.
          if (error instanceof WebAssembly.RuntimeError) break;
          continue;
        }
        const piece = mixer.planes(channels, channels[0]?.length ?? 0);
        if (piece.length === 0) continue;
        // Another stream may follow, of other channels.
        if (pieces[0] !== undefined && pieces[0].length !== piece.length) yield* flush();
        held.push(packet);
        pieces.push(piece);
        heldSamples += piece[0]!.length;
        if (heldSamples >= PIECE_SECONDS * rateHz) yield* flush();
      }
    } catch (error) {
      failure = { error };
    }
    yield* flush();
  } finally {
    release(decoder);
  }
  if (failure) throw failure.error;
  if (faults > 0) {
    const why = firstFault.replace(/\s+/g, ' ').trim();
    throw new WhospeaksError(
      'audio-corrupt',
      `${reader.name} holds damaged ${format} audio: ${faults} packets could not be decoded (${why})`,
    );
  }
}
