import { hammingWindow } from './fbank.js';
import { melTriangles } from './mel-triangles.js';
import { PASS_SIZES, passTwiddles, splitTables } from './power-spectrum.js';

/** The numbers that `Fbank` computes with, for an implementation elsewhere: so they are the same to the bit. */
export interface LogMelTables {
  /** 400, times the scale of samples; each a float32. */
  readonly window: Float32Array;
  /** The three passes' twiddles, one after another: cos and sin of w, w^2 and w^3 for each position. */
  readonly twiddles: Float64Array;
  /** Cosines and sines of 2 pi k / 512, k = 0 to 128, that take the two interleaved spectra apart. */
  readonly splitCos: Float64Array;
  readonly splitSin: Float64Array;
  /** Triangle b weighs powers first[b] to first[b] + count[b] - 1; weights one after another. */
  readonly first: Uint16Array;
  readonly count: Uint16Array;
  readonly weights: Float64Array;
}

export function logMelTables(): LogMelTables {
  return {
    window: Float32Array.from(hammingWindow()),
    twiddles: Float64Array.from(PASS_SIZES.flatMap((size) => [...passTwiddles(size)])),
    ...splitTables(),
    ...melTriangles(),
  };
}
