import { OpusDecoder } from 'opus-decoder';
import type { SoundBlock } from '../../condition.js';
import type { ByteReader } from '../byte-reader.js';
import { decodePackets } from './decode-packets.js';
import type { OpusConfig } from './opus-config.js';
import type { Packet } from './packet.js';

/** Opus counts at 48 kHz whatever it was made from. */
const RATE_HZ = 48_000;

/** Opus packets, as MP4 and Matroska hold them. */
export async function* decodeOpusPackets(
  reader: ByteReader,
  packets: AsyncIterable<Packet>,
  config: OpusConfig,
): AsyncGenerator<SoundBlock, void, undefined> {
  // What is skipped the container says.
  const decoder = new OpusDecoder({ ...config, preSkip: 0 });
  await decoder.ready;
  yield* decodePackets(reader, 'opus', packets, {
    rateHz: RATE_HZ,
    decode: (packet) => {
      const { channelData, errors } = decoder.decodeFrame(packet);
      if (errors[0] !== undefined) throw new Error(errors[0].message);
      return channelData;
    },
    free: () => {
      decoder.free();
    },
  });
}
