/** Remainder of a bitwise CRC without reflection, as FLAC (RFC 9639, 9.1.8 and 9.3) and Ogg (RFC 3533, 6) have it. */
export function crc(bytes: Uint8Array, width: 8 | 16 | 32, polynomial: number): number {
  const top = 1 << (width - 1);
  const mask = 2 ** width - 1;
  let remainder = 0;
  for (const byte of bytes) {
    remainder ^= byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder & top ? (remainder << 1) ^ polynomial : remainder << 1) & mask;
    }
  }
  return remainder >>> 0;
}

interface Stream {
  readonly rateHz: number;
  readonly channels: number;
  /** Most samples a frame has. */
  readonly blockSamples: number;
  readonly totalSamples: number;
}

/** `fLaC` and a STREAMINFO for 16 bits a sample. */
export function flacHead({ rateHz, channels, blockSamples, totalSamples }: Stream): Buffer {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(blockSamples, 0);
  info.writeUInt16BE(blockSamples, 2);
  // Rate (20 bits), channels - 1 (3), bits - 1 (5), length (36).
  info.writeUInt32BE(((rateHz << 12) | ((channels - 1) << 9) | (15 << 4)) >>> 0, 10);
  info.writeUInt32BE(totalSamples, 14);
  return Buffer.concat([Buffer.from('fLaC'), Buffer.of(0x80, 0, 0, info.length), info]);
}

/** A frame of these header bytes, up to the CRC-8, and subframes. */
export function flacFrame(header: readonly number[], subframes: Uint8Array): Buffer {
  const head = Buffer.from(header);
  const whole = Buffer.concat([head, Buffer.of(crc(head, 8, 0x07)), subframes]);
  const footer = Buffer.alloc(2);
  footer.writeUInt16BE(crc(whole, 16, 0x8005));
  return Buffer.concat([whole, footer]);
}

/** Code of a frame's rate in its header: that of STREAMINFO, or 16 kHz. */
const RATE_CODE = { inStreamInfo: 0, '16000': 5 };

/** A mono 16 kHz 16-bit FLAC file of verbatim frames of 256 samples: each sample stands in it as it is. */
export function flacFile(
  samples: Int16Array,
  rate: keyof typeof RATE_CODE = '16000',
  rateHz = 16_000,
): Buffer {
  const parts = [flacHead({ rateHz, channels: 1, blockSamples: 256, totalSamples: samples.length })];
  for (let at = 0, frame = 0; at < samples.length; at += 256, frame++) {
    const block = samples.subarray(at, at + 256);
    const body = Buffer.alloc(1 + 2 * block.length);
    body[0] = 0x02;
    block.forEach((sample, i) => body.writeInt16BE(sample, 1 + 2 * i));
    // Sync; block size in 8 bits after the header, and the rate; mono, 16 bits; frame number; size - 1.
    const bits = rate === 'inStreamInfo' ? 0 : 0x08;
    parts.push(flacFrame([0xff, 0xf8, 0x60 | RATE_CODE[rate], bits, frame, block.length - 1], body));
  }
  return Buffer.concat(parts);
}

/** Frames of 65,535 samples of silence in 8 channels: two megabytes in 36 bytes each. */
export function flacBomb(frames: number): Buffer {
  const head = flacHead({ rateHz: 16_000, channels: 8, blockSamples: 65_535, totalSamples: 0 });
  // A constant subframe: its type, and the sample that all are.
  const silence = Buffer.alloc(8 * 3);
  const frame = flacFrame([0xff, 0xf8, 0x75, 0x78, 0, 0xff, 0xfe], silence);
  return Buffer.concat([head, ...Array.from({ length: frames }, () => frame)]);
}
