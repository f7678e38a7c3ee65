import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';

const HEADER_BYTES = 44;

/** A mono 16 kHz wav file of 16-bit samples; what lies beyond -1 to 1 is clipped. */
export function wavBytes(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + 2 * samples.length);
  bytes.set(wavHeader(samples.length));
  bytes.set(pcm16(samples), HEADER_BYTES);
  return bytes;
}

/** The first bytes of such a file, for one that is written piece by piece. */
export function wavHeader(sampleCount: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => {
    bytes.set(new TextEncoder().encode(text), at);
  };
  word(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + 2 * sampleCount, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, SAMPLE_RATE_HZ, true);
  view.setUint32(28, 2 * SAMPLE_RATE_HZ, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, 2 * sampleCount, true);
  return bytes;
}

/** The samples of such a file. */
export function pcm16(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(2 * samples.length);
  const view = new DataView(bytes.buffer);
  samples.forEach((x, i) => {
    view.setInt16(2 * i, Math.max(-32768, Math.min(32767, Math.round(x * 32768))), true);
  });
  return bytes;
}
