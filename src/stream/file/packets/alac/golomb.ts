import type { BitReader } from './bit-reader.js';

/** The mean is kept in 512ths. */
const MEAN_SHIFT = 9;
const MEAN_LIMIT = 0xffff;
const MOST_ONES = 9;
/** Below a mean of a quarter, runs of zeros are coded. */
const RUN_MEAN = 128;
const RUN_BITS = 16;

/** How fast the mean follows, where it begins, and how many bits a remainder has at the most. */
export interface GolombSettings {
  readonly firstMean: number;
  readonly adaptation: number;
  readonly mostBits: number;
}

/** Adaptive Golomb codes of what the predictor got wrong. */
export function readResiduals(
  bits: BitReader,
  count: number,
  valueBits: number,
  { firstMean, adaptation, mostBits }: GolombSettings,
): Int32Array {
  const values = new Int32Array(count);
  let mean = firstMean;
  let afterRun = 0;
  for (let i = 0; i < count;) {
    const width = Math.min(mostBits, 31 - Math.clz32((mean >>> MEAN_SHIFT) + 3));
    const code = readCode(bits, (1 << width) - 1, width, valueBits) + afterRun;
    // Even codes stand for positive values.
    values[i++] = code & 1 ? -Math.ceil(code / 2) : code / 2;
    mean =
      code - afterRun > MEAN_LIMIT
        ? MEAN_LIMIT
        : adaptation * code + mean - ((adaptation * mean) >> MEAN_SHIFT);
    afterRun = 0;
    if (mean >= RUN_MEAN || i >= count) continue;
    const runWidth = Math.clz32(mean) - 24 + ((mean + 16) >> 6);
    const factor = ((1 << runWidth) - 1) & ((1 << mostBits) - 1);
    const run = readCode(bits, factor, runWidth, RUN_BITS);
    if (i + run > count) throw new Error('a run of zeros is too long');
    i += run;
    afterRun = run >= MEAN_LIMIT ? 0 : 1;
    mean = 0;
  }
  return values;
}

function readCode(bits: BitReader, factor: number, width: number, plainBits: number): number {
  const ones = bits.ones(MOST_ONES);
  if (ones === MOST_ONES) return bits.unsigned(plainBits);
  return width === 1 ? ones : ones * factor + bits.shortened(width);
}
