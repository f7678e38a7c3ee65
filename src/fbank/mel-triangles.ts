import { SAMPLE_RATE_HZ } from '../stream/types.js';
import { FFT_SIZE } from './power-spectrum.js';
import { MEL_BINS } from './types.js';

const LOW_HZ = 20;
const HIGH_HZ = 8000;
const FFT_BINS = FFT_SIZE / 2;
const f32 = Math.fround;

/** Triangular filters, kept sparse: filter b weighs FFT bins first[b] .. first[b] + count[b] - 1. */
export interface MelTriangles {
  readonly first: Uint16Array;
  readonly count: Uint16Array;
  /** All filters' weights, one after another. */
  readonly weights: Float64Array;
}

/** mel = 1127 ln(1 + f / 700), in float32 as Kaldi's `MelBanks::MelScale`. */
export function hzToMel(hz: number): number {
  return f32(f32(1127) * f32(Math.log(f32(1 + f32(f32(hz) / 700)))));
}

/**
 * 80 triangles with corners equally spaced in mel from 20 Hz to 8000 Hz, over FFT bins 0..255, as
 * Kaldi's `MelBanks` places them. Rounded to float32 at each step as Kaldi does: the lowest triangles
 * hold one or two FFT bins, where a rounding step of the mel scale is no longer small beside a weight.
 */
export function melTriangles(): MelTriangles {
  const lowMel = hzToMel(LOW_HZ);
  const step = f32(f32(hzToMel(HIGH_HZ) - lowMel) / (MEL_BINS + 1));
  const corner = (i: number): number => f32(lowMel + f32(i * step));
  const first = new Uint16Array(MEL_BINS);
  const count = new Uint16Array(MEL_BINS);
  const weights: number[] = [];
  for (let bin = 0; bin < MEL_BINS; bin++) {
    const left = corner(bin);
    const centre = corner(bin + 1);
    const right = corner(bin + 2);
    for (let k = 0; k < FFT_BINS; k++) {
      const mel = hzToMel((SAMPLE_RATE_HZ / FFT_SIZE) * k);
      if (mel <= left || mel >= right) continue;
      if (count[bin] === 0) first[bin] = k;
      count[bin]!++;
      weights.push(
        mel <= centre
          ? f32(f32(mel - left) / f32(centre - left))
          : f32(f32(right - mel) / f32(right - centre)),
      );
    }
  }
  return { first, count, weights: Float64Array.from(weights) };
}
