import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { WhospeaksError } from '../../../errors.js';
import type { SoundBlock } from '../../condition.js';
import type { ByteReader } from '../byte-reader.js';
import { oggPage } from '../ogg-page.js';
import { decodePackets } from './decode-packets.js';
import type { Packet } from './packet.js';

const MAX_CHANNELS = 8;

/** Vorbis packets, as Matroska holds them. The decoder wants them in pages of Ogg. */
export async function* decodeVorbisPackets(
  reader: ByteReader,
  packets: AsyncIterable<Packet>,
  codecPrivate: Buffer,
): AsyncGenerator<SoundBlock, void, undefined> {
  const headers = vorbisHeaders(codecPrivate);
  const rateHz = headers?.[0].readUInt32LE(12) ?? 0;
  if (headers === null || rateHz === 0)
    throw new WhospeaksError(
      'audio-corrupt',
      `${reader.name} holds damaged vorbis audio: its header is not complete`,
    );
  if (headers[0][11]! > MAX_CHANNELS) {
    throw new WhospeaksError(
      'audio-unsupported',
      `${reader.name} has ${headers[0][11]} channels; at most ${MAX_CHANNELS} are read from vorbis`,
    );
  }
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  let sequence = 0;
  const decode = async (packet: Uint8Array): Promise<readonly Float32Array[]> => {
    const isEnd = packet.length === 0;
    const { channelData, errors } = await (isEnd
      ? decoder.flush()
      : decoder.decode(oggPage(packet, sequence++)));
    if (errors[0] !== undefined) throw new Error(errors[0].message);
    return channelData;
  };
  try {
    for (const header of headers) await decode(header);
  } catch (error) {
    decoder.free();
    throw error;
  }
  yield* decodePackets(reader, 'vorbis', oneLater(packets), {
    rateHz,
    decode,
    free: () => {
      decoder.free();
    },
  });
}

/** The decoder gives the sound of a page with the next one: the bytes of each packet, at the place of the one before. */
async function* oneLater(packets: AsyncIterable<Packet>): AsyncGenerator<Packet, void, undefined> {
  let before: Packet | null = null;
  for await (const packet of packets) {
    if (packet.bytes.length === 0) continue;
    yield { ...(before ?? packet), bytes: packet.bytes };
    before = packet;
  }
  if (before !== null) yield { ...before, bytes: new Uint8Array(0) };
}

/** The three headers in one: how many there are less one, the sizes of all but the last in parts of 255, then they. */
function vorbisHeaders(bytes: Buffer): [Buffer, Buffer, Buffer] | null {
  if (bytes[0] !== 2) return null;
  let at = 1;
  const size = (): number => {
    let total = 0;
    while (bytes[at] === 255) total += bytes[at++]!;
    return total + (bytes[at++] ?? 0);
  };
  const [first, second] = [size(), size()];
  const headers: [Buffer, Buffer, Buffer] = [
    bytes.subarray(at, at + first),
    bytes.subarray(at + first, at + first + second),
    bytes.subarray(at + first + second),
  ];
  const isWhole = headers.every(
    (header, i) => header[0] === 2 * i + 1 && header.toString('latin1', 1, 7) === 'vorbis',
  );
  return isWhole && headers[0].length >= 30 ? headers : null;
}
