import { WhospeaksError } from '../../../errors.js';
import type { MonoBlock } from '../../condition.js';
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
): AsyncGenerator<MonoBlock, void, undefined> {
  const { rateHz } = decoder;
  const mixer = new DownMixer(reader.channels);
  let held: Packet[] = [];
  let pieces: Float32Array[] = [];
  let heldSamples = 0;
  let faults = 0;
  let firstFault = '';
  let failure: { error: unknown } | null = null;
  function* flush(): Generator<MonoBlock, void, undefined> {
    const samples = new Float32Array(heldSamples);
    let at = 0;
    for (const piece of pieces) {
      samples.set(piece, at);
      at += piece.length;
    }
    const lengths = pieces.map(({ length }) => length);
    yield* place(held, samples, lengths, rateHz);
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
        const mono = mixer.mix(channels, channels[0]?.length ?? 0);
        held.push(packet);
        pieces.push(mono);
        heldSamples += mono.length;
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
