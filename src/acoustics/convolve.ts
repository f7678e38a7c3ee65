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
    while (size < 4 * kernel.length) size *= 2;
    this.#kernelLength = kernel.length;
    this.#size = size;
    this.#turn = twiddles(size);
    this.#kernelRe = new Float64Array(size);
    this.#kernelIm = new Float64Array(size);
    this.#kernelRe.set(kernel);
    transform(this.#kernelRe, this.#kernelIm, this.#turn);
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
      transform(re, im, this.#turn);
      for (let k = 0; k < re.length; k++) {
        const x = re[k]!;
        re[k] = x * this.#kernelRe[k]! - im[k]! * this.#kernelIm[k]!;
        im[k] = x * this.#kernelIm[k]! + im[k]! * this.#kernelRe[k]!;
      }
      // The inverse transform is the forward one with real and imaginary part exchanged.
      transform(im, re, this.#turn);
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

interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

function twiddles(size: number): Twiddles {
  const angle = (k: number): number => (-2 * Math.PI * k) / size;
  return {
    cos: Float64Array.from({ length: size / 2 }, (_, k) => Math.cos(angle(k))),
    sin: Float64Array.from({ length: size / 2 }, (_, k) => Math.sin(angle(k))),
  };
}

/** In place, radix 2, decimation in time (Cooley and Tukey 1965); the length is a power of two. */
function transform(re: Float64Array, im: Float64Array, { cos, sin }: Twiddles): void {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j]!, re[i]!];
    [im[i], im[j]] = [im[j]!, im[i]!];
  }
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const c = cos[k * stride]!;
        const s = sin[k * stride]!;
        const x = re[b]! * c - im[b]! * s;
        const y = re[b]! * s + im[b]! * c;
        re[b] = re[a]! - x;
        im[b] = im[a]! - y;
        re[a]! += x;
        im[a]! += y;
      }
    }
  }
}
