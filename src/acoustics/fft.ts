/** exp(-2 pi i k / (2 half)) for each stage `half` = 1, 2, 4, ... at `half + k`: what a stage reads lies together. */
export interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

export function twiddles(size: number): Twiddles {
  const cos = new Float64Array(size);
  const sin = new Float64Array(size);
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      cos[half + k] = Math.cos((-Math.PI * k) / half);
      sin[half + k] = Math.sin((-Math.PI * k) / half);
    }
  }
  return { cos, sin };
}

/**
 * In place, radix 2, decimation in frequency (Gentleman and Sande 1966); the length is a power of two. The result is
 * in bit-reversed order, which a product of two spectra does not mind and `inverse` takes.
 */
export function forward(re: Float64Array, im: Float64Array, { cos, sin }: Twiddles): void {
  const size = re.length;
  for (let half = size >> 1; half > 0; half >>= 1) {
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cos[half + k]!;
        const s = sin[half + k]!;
        const x = re[a]! - re[b]!;
        const y = im[a]! - im[b]!;
        re[a]! += re[b]!;
        im[a]! += im[b]!;
        re[b] = x * c - y * s;
        im[b] = x * s + y * c;
      }
    }
  }
}

/** The way back, not scaled: decimation in time (Cooley and Tukey 1965), from bit-reversed order. */
export function inverse(re: Float64Array, im: Float64Array, { cos, sin }: Twiddles): void {
  const size = re.length;
  for (let half = 1; half < size; half *= 2) {
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cos[half + k]!;
        const s = sin[half + k]!;
        const x = re[b]! * c + im[b]! * s;
        const y = im[b]! * c - re[b]! * s;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a]! += x;
        im[a]! += y;
      }
    }
  }
}

/** Where `forward` leaves the bins 0 to size - 1. */
export function bitReversed(size: number): Uint32Array {
  const order = new Uint32Array(size);
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) order[half + k] = order[k]! + size / (2 * half);
  }
  return order;
}
