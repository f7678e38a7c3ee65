import { WhospeaksError } from '../errors.js';
import type { AudioEncoding } from '../protocol/index.js';

/** Samples of -1 to 1, 16-bit samples, or bytes in the encoding of the stream. */
export type Sound = Float32Array | Int16Array | Uint8Array;

/** @throws WhospeaksError `audio-format` for samples where the stream's encoding wants bytes */
export function toBytes(sound: Sound, encoding: AudioEncoding): Uint8Array {
  if (sound instanceof Uint8Array) return sound;
  if (encoding === 'mulaw' || encoding === 'alaw') {
    throw new WhospeaksError('audio-format', `a stream of ${encoding} takes bytes; pass a Uint8Array`);
  }
  const floats = sound instanceof Int16Array ? Float32Array.from(sound, (value) => value / 32768) : sound;
  return encoding === 's16le' ? toS16le(floats) : toF32le(floats);
}

function toF32le(samples: Float32Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 4);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, i) => {
    view.setFloat32(4 * i, sample, true);
  });
  return bytes;
}

/** Samples of -1 to 1 -> 16-bit little-endian, clipped, NaN as silence. */
export function toS16le(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i++) {
    const clipped = Math.min(1, Math.max(-1, samples[i]! || 0));
    view.setInt16(2 * i, Math.min(32767, Math.round(clipped * 32768)), true);
  }
  return bytes;
}

/** A mono 16-bit wav file, as an upload to enrol from. */
export function wavFile(samples: Float32Array, sampleRateHz: number): Uint8Array<ArrayBuffer> {
  const data = toS16le(samples);
  const file = new Uint8Array(44 + data.length);
  const view = new DataView(file.buffer);
  const tag = (at: number, text: string): void => {
    for (let i = 0; i < 4; i++) file[at + i] = text.charCodeAt(i);
  };
  tag(0, 'RIFF');
  view.setUint32(4, 36 + data.length, true);
  tag(8, 'WAVE');
  tag(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  tag(36, 'data');
  view.setUint32(40, data.length, true);
  file.set(data, 44);
  return file;
}
