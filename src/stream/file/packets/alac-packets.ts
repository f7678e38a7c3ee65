import { WhospeaksError } from '../../../errors.js';
import type { SoundBlock } from '../../condition.js';
import type { ByteReader } from '../byte-reader.js';
import { decodeAlacPacket, parseAlacConfig } from './alac/alac-decoder.js';
import { decodePackets } from './decode-packets.js';
import type { Packet } from './packet.js';

/**
 * Apple Lossless, as MP4 holds it. The decoder is our own: the one that npm has is no longer kept up.
 *
 * @throws WhospeaksError `audio-unsupported` where `config` is of another kind, and as `decodePackets`
 */
export async function* decodeAlacPackets(
  reader: ByteReader,
  packets: AsyncIterable<Packet>,
  configBytes: Buffer,
): AsyncGenerator<SoundBlock, void, undefined> {
  const config = parseAlacConfig(configBytes);
  if (config === null) {
    throw new WhospeaksError(
      'audio-unsupported',
      `${reader.name} holds a rare kind of Apple Lossless audio; convert it to flac or wav`,
    );
  }
  yield* decodePackets(reader, 'Apple Lossless', packets, {
    rateHz: config.rateHz,
    decode: (packet) => decodeAlacPacket(config, packet),
    free: () => undefined,
  });
}
