import { bytesPerSample, type PcmEncoding } from '../../src/stream/pcm.js';

export interface WavSpec {
  readonly rateHz: number;
  readonly channels: number;
  readonly encoding: PcmEncoding;
  /** Interleaved, -1 to 1. */
  readonly samples: ArrayLike<number>;
  readonly extensible?: boolean;
  /** Put in place of the true size of the data. */
  readonly dataSize?: number;
  /** Chunks between the format and the data. */
  readonly before?: Buffer;
}

const TAGS: Record<PcmEncoding, number> = {
  u8: 1,
  s16le: 1,
  s24le: 1,
  s32le: 1,
  f32le: 3,
  f64le: 3,
  mulaw: 7,
  alaw: 6,
};

export function pcmBytes(encoding: PcmEncoding, samples: ArrayLike<number>): Buffer {
  const size = bytesPerSample(encoding);
  const bytes = Buffer.alloc(samples.length * size);
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!;
    const scaled = (full: number): number => Math.max(-full, Math.min(full - 1, Math.round(x * full)));
    if (encoding === 'u8') bytes.writeUInt8(scaled(128) + 128, i);
    else if (encoding === 's16le') bytes.writeInt16LE(scaled(2 ** 15), i * 2);
    else if (encoding === 's24le') bytes.writeIntLE(scaled(2 ** 23), i * 3, 3);
    else if (encoding === 's32le') bytes.writeInt32LE(scaled(2 ** 31), i * 4);
    else if (encoding === 'f32le') bytes.writeFloatLE(x, i * 4);
    else if (encoding === 'f64le') bytes.writeDoubleLE(x, i * 8);
    else throw new Error(`no writer for ${encoding}`);
  }
  return bytes;
}

export function chunk(id: string, body: Buffer, size = body.length): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length & 1)]);
}

export function wavFile(spec: WavSpec): Buffer {
  const { rateHz, channels, encoding, samples } = spec;
  const bytes = bytesPerSample(encoding);
  const format = Buffer.alloc(spec.extensible ? 40 : 16);
  format.writeUInt16LE(spec.extensible ? 0xfffe : TAGS[encoding], 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rateHz, 4);
  format.writeUInt32LE(rateHz * channels * bytes, 8);
  format.writeUInt16LE(channels * bytes, 12);
  format.writeUInt16LE(bytes * 8, 14);
  if (spec.extensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(bytes * 8, 18);
    format.writeUInt16LE(TAGS[encoding], 24);
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(format, 26);
  }
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', format),
    spec.before ?? Buffer.alloc(0),
    chunk('data', pcmBytes(encoding, samples), spec.dataSize),
  ]);
  return chunk('RIFF', body);
}
