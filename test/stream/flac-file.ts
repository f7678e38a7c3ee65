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

const BLOCK_SAMPLES = 256;

/** A mono 16 kHz 16-bit FLAC file of verbatim frames of 256 samples: each sample stands in it as it is. */
export function flacFile(samples: Int16Array): Buffer {
  const info = Buffer.alloc(34);
  info.writeUInt16BE(BLOCK_SAMPLES, 0);
  info.writeUInt16BE(BLOCK_SAMPLES, 2);
  // Rate (20 bits), channels - 1 (3), bits - 1 (5), length (36).
  info.writeUIntBE((16_000 << 4) | (15 >> 4), 10, 3);
  info[13] = (15 & 15) << 4;
  info.writeUInt32BE(samples.length, 14);
  const parts = [Buffer.from('fLaC'), Buffer.of(0x80, 0, 0, info.length), info];
  for (let at = 0, frame = 0; at < samples.length; at += BLOCK_SAMPLES, frame++) {
    const block = samples.subarray(at, at + BLOCK_SAMPLES);
    // Sync; block size in 8 bits after the header, 16 kHz; mono, 16 bits; frame number; size - 1.
    const header = Buffer.of(0xff, 0xf8, 0x65, 0x08, frame, block.length - 1);
    const body = Buffer.alloc(1 + 2 * block.length);
    body[0] = 0x02;
    block.forEach((sample, i) => body.writeInt16BE(sample, 1 + 2 * i));
    const whole = Buffer.concat([header, Buffer.of(crc(header, 8, 0x07)), body]);
    const footer = Buffer.alloc(2);
    footer.writeUInt16BE(crc(whole, 16, 0x8005));
    parts.push(whole, footer);
  }
  return Buffer.concat(parts);
}

/** The largest frames that there are: 65,535 samples of 8 channels, each channel one number, 36 bytes or so. */
export function flacBomb(frames: number): Buffer {
  const samples = 65_535;
  const channels = 8;
  const info = Buffer.alloc(34);
  info.writeUInt16BE(samples, 0);
  info.writeUInt16BE(samples, 2);
  info.writeUIntBE((16_000 << 4) | ((channels - 1) << 1), 10, 3);
  info[13] = 15 << 4;
  const parts = [Buffer.from('fLaC'), Buffer.of(0x80, 0, 0, info.length), info];
  for (let frame = 0; frame < frames; frame++) {
    // Block size in 16 bits after the header, 16 kHz; eight channels, 16 bits.
    const header = Buffer.concat([
      Buffer.of(0xff, 0xf8, 0x75, 0x78),
      utf8Number(frame),
      Buffer.of((samples - 1) >> 8, (samples - 1) & 0xff),
    ]);
    const body = Buffer.concat(Array.from({ length: channels }, () => Buffer.of(0, 0, 0)));
    const whole = Buffer.concat([header, Buffer.of(crc(header, 8, 0x07)), body]);
    const footer = Buffer.alloc(2);
    footer.writeUInt16BE(crc(whole, 16, 0x8005));
    parts.push(whole, footer);
  }
  return Buffer.concat(parts);
}

/** A frame's number, as UTF-8 writes a code point. */
function utf8Number(value: number): Buffer {
  return value < 0x80 ? Buffer.of(value) : Buffer.of(0xc0 | (value >> 6), 0x80 | (value & 0x3f));
}
