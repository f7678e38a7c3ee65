import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import { SEGMENTATION } from './plan.js';

/** A band begins here at least, and is as wide at least, Hz. */
const LEAST_HZ = 50;

/** The parameters of the filters; `low` and `band` of each band, `window` of the taps before the middle one. */
export interface SincParameters {
  readonly low: Float32Array;
  readonly band: Float32Array;
  readonly window: Float32Array;
}

/**
 * The first convolution, [filters, taps]: windowed band-pass filters, each band once as a cosine (even) and once as a
 * sine (odd), scaled to 1 in the middle of the even one. Pairs of parametrised sinc filters: Ravanelli and Bengio 2018,
 * "Speaker recognition from raw waveform with SincNet"; the odd ones make them analytic (Pariente et al. 2020, "Filterbank
 * design for end-to-end speech separation").
 */
export function sincFilters({ low, band, window }: SincParameters): Float32Array {
  const taps = SEGMENTATION.filterTaps;
  const half = (taps - 1) / 2;
  const filters = new Float32Array(SEGMENTATION.filters * taps);
  for (let i = 0; i < low.length; i++) {
    const from = LEAST_HZ + Math.abs(low[i]!);
    const to = Math.min(Math.max(from + LEAST_HZ + Math.abs(band[i]!), LEAST_HZ), SAMPLE_RATE_HZ / 2);
    const scale = 2 * (to - from);
    const even = filters.subarray(i * taps, (i + 1) * taps);
    const odd = filters.subarray((low.length + i) * taps, (low.length + i + 1) * taps);
    even[half] = 1;
    for (let k = 0; k < half; k++) {
      const time = (2 * Math.PI * (k - half)) / SAMPLE_RATE_HZ;
      const weight = window[k]! / ((time / 2) * scale);
      even[k] = (Math.sin(to * time) - Math.sin(from * time)) * weight;
      odd[k] = (Math.cos(from * time) - Math.cos(to * time)) * weight;
      even[taps - 1 - k] = even[k]!;
      odd[taps - 1 - k] = -odd[k]!;
    }
  }
  return filters;
}
