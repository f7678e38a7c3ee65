import { WhospeaksError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import type { FileDecoder } from './format.js';
import { decodeAacPieces } from './packets/aac-pieces.js';
import { parseAdtsHeader } from './packets/adts.js';
import { packetAfter, type Packet } from './packets/packet.js';

/** A bare stream of ADTS frames (.aac). It tells neither its length nor the encoder's priming. */
export const decodeAac: FileDecoder = async function* (reader) {
  const header = parseAdtsHeader(await reader.peek(7));
  yield* decodeAacPieces(reader, adtsFrames(reader), header?.rateHz ?? 0);
};

async function* adtsFrames(reader: ByteReader): AsyncGenerator<Packet, void, undefined> {
  for (;;) {
    const head = await reader.peek(7);
    if (head.length === 0 || head.toString('latin1', 0, 3) === 'TAG') return;
    const header = parseAdtsHeader(head);
    if (!header) {
      throw new WhospeaksError(
        'audio-corrupt',
        `${reader.name} holds damaged AAC audio at byte ${reader.position}`,
      );
    }
    const frame = await reader.read(header.length);
    if (frame.length < header.length) {
      throw new WhospeaksError('audio-truncated', `${reader.name} is cut short inside its last frame`);
    }
    yield packetAfter(frame);
  }
}
