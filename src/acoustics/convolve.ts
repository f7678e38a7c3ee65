/**
 * Linear convolution of real signals with one real kernel, by overlap-add in the frequency domain. Two
 * blocks go through one transform, as its real and its imaginary part: the kernel is real, so the two do
 * not mix.
 */
export class Convolver {
  readonly #kernelLength: number;
  readonly #size: number;
  readonly #turn: Twiddles;
  readonly #kernelRe: Float64Array;
  readonly #kernelIm: Float64Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(kernel: Float32Array) {
    let size = 1024;
    while (size < 2 * kernel.length) size *= 2;
    this.#kernelLength = kernel.length;
    this.#size = size;
    this.#turn = twiddles(size);
    this.#kernelRe = new Float64Array(size);
    this.#kernelIm = new Float64Array(size);
    this.#kernelRe.set(kernel);
    forward(this.#kernelRe, this.#kernelIm, this.#turn);
    this.#re = new Float64Array(size);
    this.#im = new Float64Array(size);
  }

  /** `signal.length + kernel.length - 1` samples; none of an empty signal. */
  apply(signal: Float32Array): Float32Array {
    if (signal.length === 0 || this.#kernelLength === 0) return new Float32Array(0);
    const out = new Float32Array(signal.length + this.#kernelLength - 1);
    const block = this.#size - this.#kernelLength + 1;
    const re = this.#re;
    const im = this.#im;
    for (let at = 0; at < signal.length; at += 2 * block) {
      re.fill(0).set(signal.subarray(at, at + block));
      im.fill(0).set(signal.subarray(at + block, at + 2 * block));
      forward(re, im, this.#turn);
      for (let k = 0; k < re.length; k++) {
        const x = re[k]!;
        re[k] = x * this.#kernelRe[k]! - im[k]! * this.#kernelIm[k]!;
        im[k] = x * this.#kernelIm[k]! + im[k]! * this.#kernelRe[k]!;
      }
      inverse(re, im, this.#turn);
      addScaled(out, re, at, 1 / this.#size);
      addScaled(out, im, at + block, 1 / this.#size);
    }
    return out;
  }
}

function addScaled(out: Float32Array, block: Float64Array, at: number, scale: number): void {
  const end = Math.min(block.length, out.length - at);
  for (let i = 0; i < end; i++) out[at + i]! += block[i]! * scale;
}

/** exp(-2 pi i k / (2 half)) for each stage `half` = 1, 2, 4, ... at `half + k`: what a stage reads lies together. */
interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function twiddles(size: number): Twiddles {
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
function forward(re: Float64Array, im: Float64Array, { cos, sin }: Twiddles): void {
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
function inverse(re: Float64Array, im: Float64Array, { cos, sin }: Twiddles): void {
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
