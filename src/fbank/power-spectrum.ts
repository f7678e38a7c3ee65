/** Points of the real transform; a frame of 400 samples is padded to it with zeros. */
export const FFT_SIZE = 512;
const HALF = FFT_SIZE / 2;
const QUARTER = FFT_SIZE / 4;
/** Points of the passes that have twiddles. */
export const PASS_SIZES = [256, 64, 16] as const;

/**
 * Power spectrum of 512 real samples by a complex transform of 256 points: even samples are the real
 * part, odd samples the imaginary part, and the two interleaved spectra are taken apart at the end
 * (the usual split, e.g. Numerical Recipes, "FFT of Single Real Function"). The complex transform is a
 * radix-4 Stockham autosort: four passes between two buffers, no bit reversal. Twiddles are
 * precomputed; nothing is allocated per call.
 */
export class PowerSpectrum {
  readonly #pass256 = makePass(256);
  readonly #pass64 = makePass(64);
  readonly #pass16 = makePass(16);
  readonly #splits = splitTables();
  /** Input: samples 2n and 2n + 1, 256 of each, the zero padding included. Never written here. */
  readonly even = new Float64Array(HALF);
  readonly odd = new Float64Array(HALF);
  readonly #re = new Float64Array(HALF);
  readonly #im = new Float64Array(HALF);
  readonly #re2 = new Float64Array(HALF);
  readonly #im2 = new Float64Array(HALF);

  /**
   * `power`: receives |X(k)|^2 of `even` and `odd` for k = 0..255, from `offset` on; the Nyquist bin is not computed,
   * for no mel triangle reaches it.
   */
  compute(power: Float64Array, offset = 0): void {
    const re = this.#re;
    const im = this.#im;
    runPass(this.#pass256, this.even, this.odd, this.#re2, this.#im2);
    runPass(this.#pass64, this.#re2, this.#im2, re, im);
    runPass(this.#pass16, re, im, this.#re2, this.#im2);
    runLastPass(this.#re2, this.#im2, re, im);
    this.#split(power, offset);
  }

  /** X(k) = E(k) + W^k O(k) and X(256-k) = conj(E(k) - W^k O(k)), E and O the two halves' spectra. */
  #split(power: Float64Array, offset: number): void {
    const re = this.#re;
    const im = this.#im;
    const { splitCos, splitSin } = this.#splits;
    const dc = re[0]! + im[0]!;
    power[offset] = dc * dc;
    for (let k = 1; k <= QUARTER; k++) {
      const m = HALF - k;
      const evenRe = 0.5 * (re[k]! + re[m]!);
      const evenIm = 0.5 * (im[k]! - im[m]!);
      const oddRe = 0.5 * (im[k]! + im[m]!);
      const oddIm = 0.5 * (re[m]! - re[k]!);
      const c = splitCos[k]!;
      const s = splitSin[k]!;
      const turnedRe = oddRe * c + oddIm * s;
      const turnedIm = oddIm * c - oddRe * s;
      const lowRe = evenRe + turnedRe;
      const lowIm = evenIm + turnedIm;
      const highRe = evenRe - turnedRe;
      const highIm = evenIm - turnedIm;
      power[offset + k] = lowRe * lowRe + lowIm * lowIm;
      power[offset + m] = highRe * highRe + highIm * highIm;
    }
  }
}

/** One radix-4 pass: `quarter` twiddle positions, each applied to `stride` = 64 / quarter columns. */
interface Pass {
  readonly quarter: number;
  readonly stride: number;
  /** cos w1, sin w1, cos w2, sin w2, cos w3, sin w3 for each position. */
  readonly twiddles: Float64Array;
}

function makePass(size: number): Pass {
  return { quarter: size / 4, stride: HALF / size, twiddles: passTwiddles(size) };
}

/** Cosine and sine of w, w^2, w^3 for each of the size / 4 positions p of a pass, w = exp(-2 pi i p / size). */
export function passTwiddles(size: number): Float64Array {
  const quarter = size / 4;
  const twiddles = new Float64Array(quarter * 6);
  for (let p = 0; p < quarter; p++) {
    for (let j = 1; j <= 3; j++) {
      const angle = (-2 * Math.PI * p * j) / size;
      twiddles[p * 6 + 2 * j - 2] = Math.cos(angle);
      twiddles[p * 6 + 2 * j - 1] = Math.sin(angle);
    }
  }
  return twiddles;
}

/** Cosines and sines of 2 pi k / 512, k = 0 to 128. */
export function splitTables(): { readonly splitCos: Float64Array; readonly splitSin: Float64Array } {
  const table = (of: (angle: number) => number): Float64Array =>
    Float64Array.from({ length: QUARTER + 1 }, (_, k) => of((2 * Math.PI * k) / FFT_SIZE));
  return { splitCos: table(Math.cos), splitSin: table(Math.sin) };
}

function runPass(
  pass: Pass,
  xRe: Float64Array,
  xIm: Float64Array,
  yRe: Float64Array,
  yIm: Float64Array,
): void {
  const { quarter, stride, twiddles } = pass;
  for (let p = 0; p < quarter; p++) {
    const c1 = twiddles[6 * p]!;
    const s1 = twiddles[6 * p + 1]!;
    const c2 = twiddles[6 * p + 2]!;
    const s2 = twiddles[6 * p + 3]!;
    const c3 = twiddles[6 * p + 4]!;
    const s3 = twiddles[6 * p + 5]!;
    for (let q = 0; q < stride; q++) {
      const from = q + stride * p;
      const to = q + stride * 4 * p;
      const aRe = xRe[from]!;
      const aIm = xIm[from]!;
      const bRe = xRe[from + QUARTER / 2]!;
      const bIm = xIm[from + QUARTER / 2]!;
      const cRe = xRe[from + QUARTER]!;
      const cIm = xIm[from + QUARTER]!;
      const dRe = xRe[from + QUARTER + QUARTER / 2]!;
      const dIm = xIm[from + QUARTER + QUARTER / 2]!;
      const sumAcRe = aRe + cRe;
      const sumAcIm = aIm + cIm;
      const diffAcRe = aRe - cRe;
      const diffAcIm = aIm - cIm;
      const sumBdRe = bRe + dRe;
      const sumBdIm = bIm + dIm;
      // i (b - d)
      const turnRe = dIm - bIm;
      const turnIm = bRe - dRe;
      yRe[to] = sumAcRe + sumBdRe;
      yIm[to] = sumAcIm + sumBdIm;
      const r1 = diffAcRe - turnRe;
      const i1 = diffAcIm - turnIm;
      yRe[to + stride] = r1 * c1 - i1 * s1;
      yIm[to + stride] = r1 * s1 + i1 * c1;
      const r2 = sumAcRe - sumBdRe;
      const i2 = sumAcIm - sumBdIm;
      yRe[to + 2 * stride] = r2 * c2 - i2 * s2;
      yIm[to + 2 * stride] = r2 * s2 + i2 * c2;
      const r3 = diffAcRe + turnRe;
      const i3 = diffAcIm + turnIm;
      yRe[to + 3 * stride] = r3 * c3 - i3 * s3;
      yIm[to + 3 * stride] = r3 * s3 + i3 * c3;
    }
  }
}

/** The pass of size 4, whose twiddles are all 1. */
function runLastPass(xRe: Float64Array, xIm: Float64Array, yRe: Float64Array, yIm: Float64Array): void {
  for (let q = 0; q < QUARTER / 2; q++) {
    const aRe = xRe[q]!;
    const aIm = xIm[q]!;
    const bRe = xRe[q + 64]!;
    const bIm = xIm[q + 64]!;
    const cRe = xRe[q + 128]!;
    const cIm = xIm[q + 128]!;
    const dRe = xRe[q + 192]!;
    const dIm = xIm[q + 192]!;
    yRe[q] = aRe + cRe + (bRe + dRe);
    yIm[q] = aIm + cIm + (bIm + dIm);
    yRe[q + 64] = aRe - cRe - (dIm - bIm);
    yIm[q + 64] = aIm - cIm - (bRe - dRe);
    yRe[q + 128] = aRe + cRe - (bRe + dRe);
    yIm[q + 128] = aIm + cIm - (bIm + dIm);
    yRe[q + 192] = aRe - cRe + (dIm - bIm);
    yIm[q + 192] = aIm - cIm + (bRe - dRe);
  }
}
