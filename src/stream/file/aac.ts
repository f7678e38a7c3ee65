import { WhospeaksError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import type { FileDecoder } from './format.js';
import { decodeAacPieces } from './packets/aac-pieces.js';
import { ADTS_HEADER_BYTES, ADTS_LOOK_BYTES, findAdtsFrame, parseAdtsHeader } from './packets/adts.js';
import { packetAfter, type Packet } from './packets/packet.js';

/**
 * A bare stream of ADTS frames (.aac), which may have been cut anywhere, as out of a broadcast. It tells neither its
 * length nor the encoder's priming.
 */
export const decodeAac: FileDecoder = async function* (reader) {
  await reader.skip(findAdtsFrame(await reader.peek(ADTS_LOOK_BYTES)) ?? 0);
  const header = parseAdtsHeader(await reader.peek(ADTS_HEADER_BYTES));
  yield* decodeAacPieces(reader, adtsFrames(reader), header?.rateHz ?? 0);
};

async function* adtsFrames(reader: ByteReader): AsyncGenerator<Packet, void, undefined> {
  let damaged = 0;
  for (;;) {
    const head = await reader.peek(ADTS_HEADER_BYTES);
    if (isEnd(head)) break;
    const header = parseAdtsHeader(head);
    if (header !== null) {
      const ahead = await reader.peek(header.length + ADTS_HEADER_BYTES);
      if (ahead.length < header.length) {
        throw new WhospeaksError('audio-truncated', `${reader.name} is cut short inside its last frame`);
      }
      // A frame that no other follows is damaged, or its length is.
      const next = ahead.subarray(header.length);
      if (isEnd(next) || next.length < ADTS_HEADER_BYTES || parseAdtsHeader(next) !== null) {
        yield packetAfter(await reader.read(header.length));
        continue;
      }
    }
    damaged += 1;
    if (!(await skipToFrame(reader))) break;
  }
  if (damaged > 0) {
    throw new WhospeaksError('audio-corrupt', `${reader.name} holds damaged AAC audio: ${damaged} places`);
  }
}

/** The end of the file, or an ID3v1 tag behind the audio. */
function isEnd(bytes: Buffer): boolean {
  return bytes.length === 0 || bytes.toString('latin1', 0, 3) === 'TAG';
}

/** On to where the stream goes on; false where it does not. */
async function skipToFrame(reader: ByteReader): Promise<boolean> {
  await reader.skip(1);
  for (;;) {
    const ahead = await reader.peek(ADTS_LOOK_BYTES);
    const at = findAdtsFrame(ahead);
    if (at !== null) {
      await reader.skip(at);
      return true;
    }
    if (ahead.length < ADTS_LOOK_BYTES) return false;
    await reader.skip(ADTS_LOOK_BYTES / 2);
  }
}
