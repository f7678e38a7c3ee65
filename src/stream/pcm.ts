import { DownMixer, type Channels } from './down-mix.js';

/** Encodings of raw PCM, little-endian where that matters. */
export const PCM_ENCODINGS = ['u8', 's16le', 's24le', 's32le', 'f32le', 'f64le', 'mulaw', 'alaw'] as const;
export type PcmEncoding = (typeof PCM_ENCODINGS)[number];

type ReadSample = (view: DataView, offset: number) => number;

const READERS: Record<PcmEncoding, { bytes: number; read: ReadSample }> = {
  u8: { bytes: 1, read: (v, o) => (v.getUint8(o) - 128) / 128 },
  s16le: { bytes: 2, read: (v, o) => v.getInt16(o, true) / 32768 },
  s24le: { bytes: 3, read: (v, o) => (v.getUint16(o, true) + v.getInt8(o + 2) * 65536) / 8388608 },
  s32le: { bytes: 4, read: (v, o) => v.getInt32(o, true) / 2147483648 },
  f32le: { bytes: 4, read: (v, o) => v.getFloat32(o, true) },
  f64le: { bytes: 8, read: (v, o) => v.getFloat64(o, true) },
  mulaw: { bytes: 1, read: (v, o) => mulaw(v.getUint8(o)) },
  alaw: { bytes: 1, read: (v, o) => alaw(v.getUint8(o)) },
};

export function bytesPerSample(encoding: PcmEncoding): number {
  return READERS[encoding].bytes;
}

/**
 * Raw interleaved PCM bytes, cut anywhere, to float, mono or each channel; see `DownMixer`. Integers are scaled
 * by 2^(bits-1), so that full scale is -1 to 1. Bytes of an unfinished sample wait for the next push.
 */
export class PcmDecoder {
  readonly #channels: number;
  readonly #bytes: number;
  readonly #read: ReadSample;
  readonly #mixer: DownMixer;
  #carry: Uint8Array = new Uint8Array(0);

  constructor(encoding: PcmEncoding, channels: number, wanted?: Channels) {
    this.#mixer = new DownMixer(wanted);
    this.#channels = channels;
    this.#bytes = READERS[encoding].bytes;
    this.#read = READERS[encoding].read;
  }

  /** Bytes held back because their sample (over all channels) is not complete. */
  get pendingBytes(): number {
    return this.#carry.length;
  }

  /** One array of samples for each channel that is wanted. */
  push(bytes: Uint8Array): Float32Array[] {
    const channels = this.split(bytes);
    return this.#mixer.planes(channels, channels[0]!.length);
  }

  /** One array for each channel there is. */
  split(bytes: Uint8Array): Float32Array[] {
    const input = this.#carry.length === 0 ? bytes : concat(this.#carry, bytes);
    const stride = this.#bytes * this.#channels;
    const count = Math.floor(input.length / stride);
    const view = new DataView(input.buffer, input.byteOffset, input.length);
    const read = this.#read;
    const channels = Array.from({ length: this.#channels }, (_, c) => {
      const channel = new Float32Array(count);
      for (let i = 0, at = c * this.#bytes; i < count; i++, at += stride) channel[i] = read(view, at);
      return channel;
    });
    this.#carry = input.slice(count * stride);
    return channels;
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** ITU-T G.711 mu-law byte to linear. */
function mulaw(byte: number): number {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 0x80 ? -magnitude : magnitude) / 32768;
}

/** ITU-T G.711 A-law byte to linear. */
function alaw(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = ((code & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (code & 0x80 ? magnitude : -magnitude) / 32768;
}
