import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { SAMPLE_RATE_HZ } from '../types.js';
import { decodeCompressed } from './compressed.js';
import type { FileDecoder } from './format.js';

/**
 * A frame header as RFC 9639, 9.1 has it: 4096 samples, rate and bits as STREAMINFO says, one channel, frame 0,
 * CRC-8; then room for the parser to look ahead. The parser finds the end of a frame at the next header, and
 * where the last frame holds bytes that look like one it never ends without this.
 */
const CLOSING_HEADER = Uint8Array.of(0xff, 0xf8, 0xc0, 0, 0, 0x07, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/** FLAC. STREAMINFO (RFC 9639, 8.2) tells the rate and, where the encoder knew it, the length. */
export const decodeFlac: FileDecoder = async function* (reader, facts) {
  const head = await reader.peek(26);
  let total = 0;
  if (head.length === 26) {
    const rateHz = head.readUIntBE(18, 3) >> 4;
    total = (head[21]! & 0x0f) * 2 ** 32 + head.readUInt32BE(22);
    if (total > 0 && rateHz > 0) facts.durationSamples = Math.round((total * SAMPLE_RATE_HZ) / rateHz);
  }
  yield* decodeCompressed(reader, {
    format: 'flac',
    makeDecoder: () => new FLACDecoder(),
    closing: CLOSING_HEADER,
    verdict: (decoded) =>
      decoded < total
        ? { code: 'audio-truncated', what: `it holds ${decoded} of the ${total} samples its header promises` }
        : null,
  });
};
