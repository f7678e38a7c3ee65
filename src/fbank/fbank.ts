import { FRAME_SAMPLES, type FrameBlock } from '../stream/types.js';
import { melTriangles, type MelTriangles } from './mel-triangles.js';
import { FFT_SIZE, PowerSpectrum } from './power-spectrum.js';
import { MEL_BINS } from './types.js';

// Local, for an imported binding in an inner loop is a look-up where modules are bundled.
const FRAME = FRAME_SAMPLES;
const BINS = MEL_BINS;
/** Samples are scaled to the range of 16-bit integers, as the model's training saw them. */
const SCALE = 32768;
const PRE_EMPHASIS = Math.fround(0.97);
/** FLT_EPSILON: energies are floored here before the logarithm. */
const ENERGY_FLOOR = 2 ** -23;

/** Made once for all streams: they never change, and cost more than a second of sound. */
let triangles: MelTriangles | undefined;
let hamming: Float32Array | undefined;

function hammingWindow(): Float32Array {
  return Float32Array.from(
    { length: FRAME },
    (_, i) => 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (FRAME - 1)),
  );
}

/**
 * Log-mel filter-bank energies, Kaldi-compatible (`compute-fbank-feats` with WeSpeaker's settings: no
 * dither, mean removal, pre-emphasis 0.97, Hamming, 512-point power spectrum, 80 triangles 20-8000 Hz).
 *
 * A frame's features are a pure function of its 400 samples, so how the stream was cut cannot matter.
 * The steps in the time domain are rounded to float32 in Kaldi's order: for a constant or near-silent
 * signal what remains after mean removal *is* the rounding error, and its logarithm is large. The spectrum
 * is computed in double precision (`docs/front-end.md` has the differences).
 */
export class Fbank {
  readonly #spectrum = new PowerSpectrum();
  readonly #triangles = (triangles ??= melTriangles());
  readonly #hamming = (hamming ??= hammingWindow());
  readonly #frame = new Float32Array(FFT_SIZE);
  readonly #power = new Float64Array(FFT_SIZE / 2);

  /** Frames in (count x 400, range -1 to 1) -> log-mel energies out (count x 80, row-major). */
  compute(block: FrameBlock): Float32Array {
    const features = new Float32Array(block.count * BINS);
    for (let i = 0; i < block.count; i++) {
      this.#condition(block.samples, i * FRAME);
      this.#spectrum.compute(this.#frame, this.#power);
      this.#logMel(features, i * BINS);
    }
    return features;
  }

  /** Scale, subtract the mean, pre-emphasise and window one frame; the padding stays zero. */
  #condition(samples: Float32Array, offset: number): void {
    const frame = this.#frame;
    const hamming = this.#hamming;
    let sum = 0;
    for (let i = 0; i < FRAME; i++) {
      const scaled = Math.fround(samples[offset + i]! * SCALE);
      frame[i] = scaled;
      sum = Math.fround(sum + scaled);
    }
    const mean = Math.fround(sum / FRAME);
    let previous = Math.fround(frame[0]! - mean);
    frame[0] = Math.fround(previous - Math.fround(PRE_EMPHASIS * previous)) * hamming[0]!;
    for (let i = 1; i < FRAME; i++) {
      const centred = Math.fround(frame[i]! - mean);
      frame[i] = Math.fround(centred - Math.fround(PRE_EMPHASIS * previous)) * hamming[i]!;
      previous = centred;
    }
  }

  #logMel(features: Float32Array, offset: number): void {
    const { first, count, weights } = this.#triangles;
    const power = this.#power;
    let w = 0;
    for (let bin = 0; bin < BINS; bin++) {
      const end = first[bin]! + count[bin]!;
      let energy = 0;
      for (let k = first[bin]!; k < end; k++) energy += weights[w++]! * power[k]!;
      features[offset + bin] = Math.log(energy > ENERGY_FLOOR ? energy : ENERGY_FLOOR);
    }
  }
}
