import { MPEGDecoder } from 'mpg123-decoder';
import { SAMPLE_RATE_HZ } from '../types.js';
import { blocks, decodeCompressed } from './compressed.js';
import type { FileDecoder } from './format.js';
import { findMp3Frame, xingSamples } from './mp3-header.js';

/**
 * MPEG audio layers I to III. Where the encoder left a Xing / LAME tag, its delay and padding are cut
 * away and the length is known; otherwise the length is an estimate from the bit rate.
 */
export const decodeMp3: FileDecoder = async function* (reader, facts) {
  const head = await reader.peek(65_536);
  const frame = findMp3Frame(head);
  const total = frame ? xingSamples(head, frame) : null;
  if (frame && total !== null) {
    facts.durationSamples = Math.round((total * SAMPLE_RATE_HZ) / frame.rateHz);
  } else if (frame && reader.sizeBytes !== undefined) {
    const seconds = ((reader.sizeBytes - reader.position) * 8) / (frame.kbps * 1000);
    facts.durationSamples = Math.round(seconds * SAMPLE_RATE_HZ);
  }
  yield* decodeCompressed(reader, {
    format: 'mp3',
    makeDecoder: () => new MPEGDecoder(),
    pieces: blocks(reader),
    // The last frame or two may hold nothing but padding, and encoders count them differently.
    verdict: (decoded) =>
      frame && total !== null && decoded + 2 * frame.samples < total
        ? { code: 'audio-truncated', what: `it holds ${decoded} of the ${total} samples its header promises` }
        : null,
  });
};
