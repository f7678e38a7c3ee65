import { forward, inverse, twiddles, type Twiddles } from './fft.js';

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
