import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { SAMPLE_RATE_HZ } from '../types.js';
import { decodeCompressed } from './compressed.js';
import type { FileDecoder } from './format.js';

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
    verdict: (decoded) =>
      decoded < total
        ? { code: 'audio-truncated', what: `it holds ${decoded} of the ${total} samples its header promises` }
        : null,
  });
};
