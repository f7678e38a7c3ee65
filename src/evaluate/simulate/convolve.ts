/**
 * Linear convolution of two real signals, `signal.length + kernel.length - 1` long, by overlap-add in the
 * frequency domain. Two blocks go through one transform, as its real and its imaginary part: the kernel is
 * real, so the two do not mix.
 */
export function convolve(signal: Float32Array, kernel: Float32Array): Float32Array {
  const out = new Float32Array(Math.max(0, signal.length + kernel.length - 1));
  if (signal.length === 0 || kernel.length === 0) return new Float32Array(0);
  let size = 1024;
  while (size < 4 * kernel.length) size *= 2;
  const block = size - kernel.length + 1;
  const turn = twiddles(size);
  const kernelRe = new Float64Array(size);
  const kernelIm = new Float64Array(size);
  kernelRe.set(kernel);
  transform(kernelRe, kernelIm, turn);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let at = 0; at < signal.length; at += 2 * block) {
    re.fill(0).set(signal.subarray(at, at + block));
    im.fill(0).set(signal.subarray(at + block, at + 2 * block));
    transform(re, im, turn);
    for (let k = 0; k < size; k++) {
      const x = re[k]!;
      // The inverse transform is the forward one with real and imaginary part exchanged.
      re[k] = x * kernelRe[k]! - im[k]! * kernelIm[k]!;
      im[k] = x * kernelIm[k]! + im[k]! * kernelRe[k]!;
    }
    transform(im, re, turn);
    addScaled(out, re, at, 1 / size);
    addScaled(out, im, at + block, 1 / size);
  }
  return out;
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
