import { createHash } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../geometry.js';

const BLOCK_SAMPLES = 4096;
/** A few milliseconds of work; then others have their turn. */
const BLOCKS_AT_ONCE = 8;
const MAX_ORDER = 4;
const PARTITION_ORDER = 4;
/** A Rice parameter of 4 bits; 15 means something else. */
const MAX_RICE = 14;
const BITS = 16;

/**
 * Samples as a FLAC file, mono, 16 bits, RFC 9639: fixed predictors and Rice codes, which take a little over half of what a wav file
 * takes for speech. Nothing is lost of the 16 bits; what lies beyond -1 to 1 is clipped.
 *
 * @param rateHz 16000, the rate of everything after the decoders
 */
export async function encodeFlac(samples: Float32Array, rateHz = SAMPLE_RATE_HZ): Promise<Uint8Array> {
  const pcm = Int16Array.from(samples, (x) => Math.max(-32768, Math.min(32767, Math.round(x * 32768))));
  const out = new BitWriter(64 + pcm.length * 3);
  for (const byte of Buffer.from('fLaC')) out.put(byte, 8);
  streamInfo(out, pcm, rateHz);
  for (let at = 0, number = 0; at < pcm.length; at += BLOCK_SAMPLES, number++) {
    frame(out, pcm.subarray(at, at + BLOCK_SAMPLES), number);
    if (number % BLOCKS_AT_ONCE === 0) await othersTurn();
  }
  return out.bytes();
}

function streamInfo(out: BitWriter, pcm: Int16Array, rateHz: number): void {
  out.put(0x80, 8); // the last block of metadata, of type 0
  out.put(34, 24);
  out.put(BLOCK_SAMPLES, 16);
  out.put(BLOCK_SAMPLES, 16);
  out.put(0, 24); // smallest and largest frame: not told
  out.put(0, 24);
  out.put(rateHz, 20);
  out.put(0, 3); // channels less one
  out.put(BITS - 1, 5);
  out.put(Math.floor(pcm.length / 2 ** 32), 4);
  out.put(pcm.length >>> 0, 32);
  const little = Buffer.alloc(2 * pcm.length);
  pcm.forEach((value, i) => little.writeInt16LE(value, 2 * i));
  for (const byte of createHash('md5').update(little).digest()) out.put(byte, 8);
}

function frame(out: BitWriter, block: Int16Array, number: number): void {
  const start = out.byteLength;
  out.put(0xfff8, 16); // sync, blocks of one size
  out.put(0b0111_0000, 8); // block size in 16 bits below; sample rate as in the stream's header
  out.put(0b0000_1000, 8); // mono, 16 bits
  for (const byte of utf8Number(number)) out.put(byte, 8);
  out.put(block.length - 1, 16);
  out.put(crc(out.since(start), 8, 0x07), 8);
  subframe(out, block);
  out.align();
  out.put(crc(out.since(start), 16, 0x8005), 16);
}

function subframe(out: BitWriter, block: Int16Array): void {
  const { order, residual } = bestPredictor(block);
  const partitions =
    block.length % 2 ** PARTITION_ORDER === 0 && block.length >= BLOCK_SAMPLES ? 2 ** PARTITION_ORDER : 1;
  const size = block.length / partitions;
  const parts = Array.from({ length: partitions }, (_, i) =>
    residual.subarray(Math.max(0, i * size - order), (i + 1) * size - order),
  );
  const codes = parts.map(riceOf);
  const bits = codes.reduce((sum, code) => sum + code.bits + 4, order * BITS);
  if (bits >= block.length * BITS) {
    out.put(0b0000_0010, 8); // as they are
    for (const value of block) out.put(value & 0xffff, BITS);
    return;
  }
  out.put((0b001000 | order) << 1, 8);
  for (const value of block.subarray(0, order)) out.put(value & 0xffff, BITS);
  out.put(0, 2); // Rice parameters of 4 bits
  out.put(Math.log2(partitions), 4);
  for (const [i, { k }] of codes.entries()) {
    out.put(k, 4);
    for (const value of parts[i]!) {
      const folded = fold(value);
      out.zeros(folded >>> k);
      out.put(1, 1);
      out.put(folded & (2 ** k - 1), k);
    }
  }
}

/** Of the predictors that continue the last samples by a polynomial, the one with the smallest errors. */
function bestPredictor(block: Int16Array): { order: number; residual: Int32Array } {
  let best = { order: 0, residual: Int32Array.from(block) };
  let least = sizeOf(best.residual);
  let residual = best.residual;
  for (let order = 1; order <= Math.min(MAX_ORDER, block.length - 1); order++) {
    const before = residual;
    residual = Int32Array.from({ length: before.length - 1 }, (_, i) => before[i + 1]! - before[i]!);
    const size = sizeOf(residual);
    if (size < least) [least, best] = [size, { order, residual }];
  }
  return best;
}

function sizeOf(values: Int32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}

function riceOf(values: Int32Array): { k: number; bits: number } {
  let best = { k: 0, bits: Infinity };
  for (let k = 0; k <= MAX_RICE; k++) {
    const bits = values.reduce((sum, value) => sum + (fold(value) >>> k) + 1 + k, 0);
    if (bits < best.bits) best = { k, bits };
  }
  return best;
}

/** 0, -1, 1, -2, … as 0, 1, 2, 3, … */
function fold(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function utf8Number(value: number): number[] {
  if (value < 0x80) return [value];
  const bytes: number[] = [];
  let left = value;
  let room = 0x40;
  do {
    bytes.unshift(0x80 | (left & 0x3f));
    left >>>= 6;
    room >>>= 1;
  } while (left >= room);
  return [((0xff80 >>> bytes.length) & 0xff) | left, ...bytes];
}

function crc(bytes: Uint8Array, width: 8 | 16, polynomial: number): number {
  const top = 1 << (width - 1);
  const mask = (1 << width) - 1;
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << (width - 8);
    for (let bit = 0; bit < 8; bit++) sum = (sum & top ? (sum << 1) ^ polynomial : sum << 1) & mask;
  }
  return sum;
}

/** The most significant bit first. */
class BitWriter {
  #bytes: Uint8Array;
  #bits = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get byteLength(): number {
    return Math.ceil(this.#bits / 8);
  }

  put(value: number, bits: number): void {
    this.#reserve(bits);
    for (let bit = bits - 1; bit >= 0; bit--, this.#bits++)
      if ((value >>> bit) & 1) this.#bytes[this.#bits >>> 3]! |= 0x80 >>> (this.#bits & 7);
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.#bits += count;
  }

  align(): void {
    this.#bits = this.byteLength * 8;
  }

  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.byteLength);
  }

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.byteLength);
  }

  #reserve(bits: number): void {
    const needed = Math.ceil((this.#bits + bits) / 8);
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
