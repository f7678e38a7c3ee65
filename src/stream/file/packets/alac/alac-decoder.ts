import { BitReader } from './bit-reader.js';
import { readResiduals } from './golomb.js';
import { unpredict } from './predictor.js';

/** What the decoder is told of the stream: Apple's "magic cookie". */
export interface AlacConfig {
  readonly frameSamples: number;
  readonly bitDepth: number;
  readonly adaptation: number;
  readonly firstMean: number;
  readonly mostBits: number;
  readonly channels: number;
  readonly rateHz: number;
}

const CONFIG_BYTES = 24;
const MAX_FRAME_SAMPLES = 2 ** 16;
const MAX_CHANNELS = 8;

/** Null where it is no configuration of this decoder. */
export function parseAlacConfig(bytes: Buffer): AlacConfig | null {
  if (bytes.length < CONFIG_BYTES) return null;
  const config = {
    frameSamples: bytes.readUInt32BE(0),
    bitDepth: bytes[5]!,
    adaptation: bytes[6]!,
    firstMean: bytes[7]!,
    mostBits: bytes[8]!,
    channels: bytes[9]!,
    rateHz: bytes.readUInt32BE(20),
  };
  const isPossible =
    bytes[4] === 0 &&
    config.frameSamples >= 1 &&
    config.frameSamples <= MAX_FRAME_SAMPLES &&
    [16, 20, 24, 32].includes(config.bitDepth) &&
    config.mostBits >= 1 &&
    config.mostBits <= 24 &&
    config.channels >= 1 &&
    config.channels <= MAX_CHANNELS;
  return isPossible ? config : null;
}

/** Elements of a packet. */
const SINGLE = 0;
const PAIR = 1;
const LOW = 3;
const DATA = 4;
const FILL = 6;
const END = 7;

interface Predicted {
  readonly mode: number;
  readonly shift: number;
  readonly factor: number;
  readonly coefficients: Int16Array;
}

/**
 * A packet of Apple Lossless (github.com/macosforge/alac describes the format): each is decoded by itself.
 *
 * @returns a channel each, -1 to 1; throws an Error where it is damaged
 */
export function decodeAlacPacket(config: AlacConfig, packet: Uint8Array): Float32Array[] {
  const bits = new BitReader(packet);
  const channels: Float32Array[] = [];
  const scale = 2 ** (1 - config.bitDepth);
  for (;;) {
    const element = bits.unsigned(3);
    if (element === END) break;
    if (element === SINGLE || element === LOW || element === PAIR) {
      const decoded = decodeElement(config, bits, element === PAIR ? 2 : 1);
      channels.push(...decoded.map((values) => Float32Array.from(values, (value) => value * scale)));
      if (channels.length > config.channels) throw new Error('a packet has more channels than the stream');
    } else if (element === FILL) skipFill(bits);
    else if (element === DATA) skipData(bits);
    else throw new Error(`a packet has an element of kind ${element}`);
    if (channels.length === config.channels) break;
  }
  if (channels.some(({ length }) => length !== channels[0]!.length))
    throw new Error('the channels of a packet are not of one length');
  return channels;
}

function decodeElement(config: AlacConfig, bits: BitReader, count: 1 | 2): Int32Array[] {
  bits.skip(4);
  if (bits.unsigned(12) !== 0) throw new Error('a packet has a head of another kind');
  const isPartial = bits.unsigned(1) === 1;
  const lowBits = 8 * bits.unsigned(2);
  const isPlain = bits.unsigned(1) === 1;
  const samples = isPartial ? bits.unsigned(32) : config.frameSamples;
  if (samples > config.frameSamples) throw new Error('a packet has more samples than a frame');
  if (isPlain) return plainSamples(bits, samples, count, config.bitDepth);

  const valueBits = config.bitDepth - lowBits + (count - 1);
  if (lowBits > 16 || valueBits < 1 || valueBits > 32) throw new Error('a packet has samples of no width');
  const mixBits = bits.unsigned(8);
  const mixWeight = bits.signed(8);
  const predicted = Array.from({ length: count }, () => readPredicted(bits));
  // The lowest bits of 24 and 32 are stored as they are, before the rest.
  const low = lowBits > 0 ? bits.fork() : null;
  bits.skip(lowBits * samples * count);
  const values = predicted.map(({ mode, shift, factor, coefficients }) => {
    const channel = readResiduals(bits, samples, valueBits, {
      firstMean: config.firstMean,
      adaptation: (config.adaptation * factor) >> 2,
      mostBits: config.mostBits,
    });
    if (mode !== 0) unpredict(channel, new Int16Array(31), 0, valueBits);
    unpredict(channel, coefficients, shift, valueBits);
    return channel;
  });
  if (count === 2 && mixWeight !== 0) unmix(values[0]!, values[1]!, mixBits, mixWeight);
  if (low !== null) {
    for (let i = 0; i < samples; i++) {
      for (const channel of values) channel[i] = (channel[i]! << lowBits) | low.unsigned(lowBits);
    }
  }
  return values;
}

function readPredicted(bits: BitReader): Predicted {
  const [mode, shift] = [bits.unsigned(4), bits.unsigned(4)];
  const [factor, order] = [bits.unsigned(3), bits.unsigned(5)];
  const coefficients = Int16Array.from({ length: order }, () => bits.signed(16));
  return { mode, shift, factor, coefficients };
}

function plainSamples(bits: BitReader, samples: number, count: number, bitDepth: number): Int32Array[] {
  const channels = Array.from({ length: count }, () => new Int32Array(samples));
  for (let i = 0; i < samples; i++) {
    for (const channel of channels) channel[i] = bits.signed(bitDepth);
  }
  return channels;
}

/** Two channels of what was stored: a weighted sum, and the difference. */
function unmix(sums: Int32Array, differences: Int32Array, mixBits: number, weight: number): void {
  for (let i = 0; i < sums.length; i++) {
    const difference = differences[i]!;
    const left = sums[i]! + difference - (Math.imul(weight, difference) >> mixBits);
    sums[i] = left;
    differences[i] = left - difference;
  }
}

function skipFill(bits: BitReader): void {
  let bytes = bits.unsigned(4);
  if (bytes === 15) bytes += bits.unsigned(8) - 1;
  bits.skip(8 * bytes);
}

function skipData(bits: BitReader): void {
  bits.skip(4);
  const isAligned = bits.unsigned(1) === 1;
  let bytes = bits.unsigned(8);
  if (bytes === 255) bytes += bits.unsigned(8);
  if (isAligned) bits.align();
  bits.skip(8 * bytes);
}
