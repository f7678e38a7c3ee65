import { FRAME_SAMPLES, type FrameBlock } from '../stream/types.js';
import type { LogMel } from './log-mel.js';
import { melTriangles, type MelTriangles } from './mel-triangles.js';
import { FFT_SIZE, PowerSpectrum } from './power-spectrum.js';
import { MEL_BINS } from './types.js';

// Local, for an imported binding in an inner loop is a look-up where modules are bundled.
const FRAME = FRAME_SAMPLES;
const BINS = MEL_BINS;
/**
 * Samples are scaled to the range of 16-bit integers, as the model's training saw them. A power of two, so it rounds
 * nothing wherever it is applied: it is part of the window.
 */
const SCALE = 32768;
const PRE_EMPHASIS = Math.fround(0.97);
/** FLT_EPSILON: energies are floored here before the logarithm. */
const ENERGY_FLOOR = 2 ** -23;
/** Frames whose sums run together: each sum waits for its own additions alone. */
const SIDE_BY_SIDE = 4;
const POWERS = FFT_SIZE / 2;

/** Made once for all streams: they never change, and cost more than a second of sound. */
let triangles: MelTriangles | undefined;
let hamming: Float64Array | undefined;

/** Rounded to float32, times SCALE. */
export function hammingWindow(): Float64Array {
  return Float64Array.from(
    { length: FRAME },
    (_, i) => SCALE * Math.fround(0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (FRAME - 1))),
  );
}

/**
 * Log-mel filter-bank energies, Kaldi-compatible (`compute-fbank-feats` with WeSpeaker's settings: no
 * dither, mean removal, pre-emphasis 0.97, Hamming, 512-point power spectrum, 80 triangles 20-8000 Hz).
 *
 * A frame's features are a pure function of its 400 samples, so how the stream was cut cannot matter.
 * The steps in the time domain are rounded to float32 in Kaldi's order: for a constant or near-silent
 * signal what remains after mean removal *is* the rounding error, and its logarithm is large. The spectrum
 * is computed in double precision (`docs/front-end.md` has the differences). `src/native/core/frontend` has the same in
 * C++, many frames at once and with the same bits; this is what its tests hold it to.
 */
export class Fbank implements LogMel {
  readonly #spectrum = new PowerSpectrum();
  readonly #triangles = (triangles ??= melTriangles());
  readonly #hamming = (hamming ??= hammingWindow());
  readonly #means = new Float32Array(SIDE_BY_SIDE);
  /** Of SIDE_BY_SIDE frames: powers, and energies in the triangles. */
  readonly #power = new Float64Array(SIDE_BY_SIDE * POWERS);
  readonly #energies = new Float64Array(SIDE_BY_SIDE * BINS);

  /** Frames in (count x 400, range -1 to 1) -> log-mel energies out (count x 80, row-major). */
  compute(block: FrameBlock): Float32Array {
    const features = new Float32Array(block.count * BINS);
    for (let first = 0; first < block.count; first += SIDE_BY_SIDE) {
      const frames = Math.min(SIDE_BY_SIDE, block.count - first);
      this.#measureMeans(block, first);
      for (let i = 0; i < frames; i++) {
        this.#condition(block.samples, (first + i) * FRAME, this.#means[i]!);
        this.#spectrum.compute(this.#power, i * POWERS);
      }
      this.#sumTriangles();
      this.#logarithms(features, first * BINS, frames * BINS);
    }
    return features;
  }

  /** Means of four frames from the `first` on; where there are fewer, of the last frame again. */
  #measureMeans({ samples, count }: FrameBlock, first: number): void {
    const last = FRAME * (count - 1);
    const at = FRAME * first;
    const atB = Math.min(at + FRAME, last);
    const atC = Math.min(at + 2 * FRAME, last);
    const atD = Math.min(at + 3 * FRAME, last);
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let i = 0; i < FRAME; i++) {
      a = Math.fround(a + samples[at + i]!);
      b = Math.fround(b + samples[atB + i]!);
      c = Math.fround(c + samples[atC + i]!);
      d = Math.fround(d + samples[atD + i]!);
    }
    const means = this.#means;
    means[0] = a / FRAME;
    means[1] = b / FRAME;
    means[2] = c / FRAME;
    means[3] = d / FRAME;
  }

  /** Subtract the mean, pre-emphasise, scale and window one frame, into the spectrum's input. */
  #condition(samples: Float32Array, offset: number, mean: number): void {
    const { even, odd } = this.#spectrum;
    const hamming = this.#hamming;
    let previous = Math.fround(samples[offset]! - mean);
    for (let i = 0; i < FRAME; i += 2) {
      const one = Math.fround(samples[offset + i]! - mean);
      const two = Math.fround(samples[offset + i + 1]! - mean);
      const sharpOne = Math.fround(one - Math.fround(PRE_EMPHASIS * previous));
      const sharpTwo = Math.fround(two - Math.fround(PRE_EMPHASIS * one));
      even[i >> 1] = Math.fround(sharpOne * hamming[i]!);
      odd[i >> 1] = Math.fround(sharpTwo * hamming[i + 1]!);
      previous = two;
    }
  }

  /** Energies of four frames in the triangles; where there are fewer frames, the rest is of no use. */
  #sumTriangles(): void {
    const { first, count, weights } = this.#triangles;
    const power = this.#power;
    const energies = this.#energies;
    let w = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const end = first[bin]! + count[bin]!;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let k = first[bin]!; k < end; k++) {
        const weight = weights[w++]!;
        a += weight * power[k]!;
        b += weight * power[k + POWERS]!;
        c += weight * power[k + 2 * POWERS]!;
        d += weight * power[k + 3 * POWERS]!;
      }
      energies[bin] = a;
      energies[bin + BINS] = b;
      energies[bin + 2 * BINS] = c;
      energies[bin + 3 * BINS] = d;
    }
  }

  /** `count` energies to features from `offset` on. */
  #logarithms(features: Float32Array, offset: number, count: number): void {
    const energies = this.#energies;
    for (let i = 0; i < count; i++) {
      const energy = energies[i]!;
      features[offset + i] = Math.log(energy > ENERGY_FLOOR ? energy : ENERGY_FLOOR);
    }
  }
}
