import type { SoundBlock } from '../../condition.js';
import type { ByteReader } from '../byte-reader.js';
import { selfContained, wholeFlacFrame } from '../flac-frame.js';
import { flacDecoder, flacInfo } from '../flac.js';
import { decodePackets } from './decode-packets.js';
import type { Packet } from './packet.js';

/** Before STREAMINFO: a signature in Matroska, version and flags in MP4; then the head of its block. */
const INFO_OFFSET = 8;

/**
 * FLAC, as MP4 and Matroska hold it: a frame a packet.
 *
 * @param config with STREAMINFO: the `dfLa` box or the codec's private data
 * @throws WhospeaksError `audio-corrupt`, and as `decodePackets`
 */
export async function* decodeFlacPackets(
  reader: ByteReader,
  packets: AsyncIterable<Packet>,
  config: Buffer,
): AsyncGenerator<SoundBlock, void, undefined> {
  const info = flacInfo(reader, config.subarray(INFO_OFFSET));
  const decoder = flacDecoder(() => info);
  await decoder.ready;
  yield* decodePackets(reader, 'flac', packets, {
    rateHz: info.rateHz,
    decode: async (packet) => {
      const header = wholeFlacFrame(packet);
      const frame = header?.channels === info.channels ? selfContained(packet, header, info) : null;
      if (frame === null) throw new Error('a frame contradicts its checksum or its header');
      const { channelData, errors } = await decoder.decode([frame]);
      if (errors[0] !== undefined) throw new Error(errors[0].message);
      return channelData;
    },
    free: () => {
      decoder.free();
    },
  });
}
