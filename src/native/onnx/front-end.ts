import { bitReversed, forward, twiddles } from '../../acoustics/fft.js';
import type { ModelFrontEnd } from '../../model/index.js';
import { FRAME_SAMPLES, framesIn, SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../../stream/geometry.js';
import { kaldiFilters, slaneyFilters, type MelFilter } from './mel-filters.js';

const FFT_SIZE = 512;
const PRE_EMPHASIS = 0.97;
const FLOAT_EPSILON = 2 ** -23;
/** What NeMo adds to an energy before the logarithm, and to a deviation before it divides by it. */
const NEMO_LOG_GUARD = 2 ** -24;
const NEMO_DEVIATION_GUARD = 1e-5;

export interface NetworkInput {
  readonly frames: number;
  /** frames x bins, row-major; of a waveform frames are samples. */
  readonly features: Float32Array;
}

/**
 * Sound to what a network of another maker takes, by its framework's definition.
 *
 * @param samples 16 kHz, -1 to 1
 */
export function makeFrontEnd(spec: ModelFrontEnd): (samples: Float32Array) => NetworkInput {
  if (spec.kind === 'waveform') return (samples) => ({ frames: samples.length, features: samples.slice() });
  return spec.kind === 'kaldi' ? kaldi(spec) : nemo(spec);
}

/** kaldi-native-fbank: frames that lie wholly in the sound; each frame's mean off, pre-emphasis in it, window. */
function kaldi({
  window,
  bins,
  scale,
  subtractsMean,
}: ModelFrontEnd & { kind: 'kaldi' }): (samples: Float32Array) => NetworkInput {
  const hann = (i: number): number => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (FRAME_SAMPLES - 1));
  const taper = Float64Array.from({ length: FRAME_SAMPLES }, (_, i) =>
    window === 'povey' ? hann(i) ** 0.85 : 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (FRAME_SAMPLES - 1)),
  );
  const filters = kaldiFilters({
    bins,
    lowHz: 20,
    highHz: SAMPLE_RATE_HZ / 2,
    sampleRateHz: SAMPLE_RATE_HZ,
    fftSize: FFT_SIZE,
  });
  const energies = new Spectrum(filters);
  return (samples) => {
    const frames = framesIn(samples.length);
    const features = new Float32Array(frames * bins);
    for (let frame = 0; frame < frames; frame++) {
      const at = frame * SHIFT_SAMPLES;
      const cut = samples.subarray(at, at + FRAME_SAMPLES);
      const mean = cut.reduce((sum, x) => sum + x, 0) / FRAME_SAMPLES;
      const level = (i: number): number => (cut[i]! - mean) * scale;
      energies.of(
        (i) => (level(i) - PRE_EMPHASIS * level(Math.max(0, i - 1))) * taper[i]!,
        FRAME_SAMPLES,
        (bin, energy) => {
          features[frame * bins + bin] = Math.log(Math.max(energy, FLOAT_EPSILON));
        },
      );
    }
    if (subtractsMean) standardize(features, bins, () => 1);
    return { frames, features };
  };
}

/** Pre-emphasis over all of the sound; frames around multiples of the shift, the sound mirrored beyond its ends. */
function nemo({
  bins,
  windowSamples,
  shiftSamples,
  isNormalized,
}: ModelFrontEnd & { kind: 'nemo' }): (samples: Float32Array) => NetworkInput {
  const taper = Float64Array.from(
    { length: windowSamples },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (windowSamples - 1)),
  );
  const filters = slaneyFilters({
    bins,
    lowHz: 0,
    highHz: SAMPLE_RATE_HZ / 2,
    sampleRateHz: SAMPLE_RATE_HZ,
    fftSize: FFT_SIZE,
  });
  const energies = new Spectrum(filters);
  const lead = windowSamples >> 1;
  return (samples) => {
    const last = samples.length - 1;
    const mirrored = (i: number): number =>
      Math.min(Math.max(i < 0 ? -i : i > last ? 2 * last - i : i, 0), last);
    const level = (at: number): number => {
      const i = mirrored(at);
      return i === 0 ? samples[0]! : samples[i]! - PRE_EMPHASIS * samples[i - 1]!;
    };
    const frames = Math.floor(samples.length / shiftSamples) + 1;
    const features = new Float32Array(frames * bins);
    for (let frame = 0; frame < frames; frame++) {
      const start = frame * shiftSamples - lead;
      energies.of(
        (i) => level(start + i) * taper[i]!,
        windowSamples,
        (bin, energy) => {
          features[frame * bins + bin] = Math.log(energy + NEMO_LOG_GUARD);
        },
      );
    }
    if (isNormalized) {
      standardize(features, bins, (squares) => Math.sqrt(squares / (frames - 1)) + NEMO_DEVIATION_GUARD);
    }
    return { frames, features };
  };
}

/** Mel energies of one frame after another. */
class Spectrum {
  readonly #turn = twiddles(FFT_SIZE);
  readonly #order = bitReversed(FFT_SIZE);
  readonly #re = new Float64Array(FFT_SIZE);
  readonly #im = new Float64Array(FFT_SIZE);

  constructor(private readonly filters: readonly MelFilter[]) {}

  of(sample: (i: number) => number, count: number, take: (bin: number, energy: number) => void): void {
    this.#re.fill(0);
    this.#im.fill(0);
    for (let i = 0; i < count; i++) this.#re[i] = sample(i);
    forward(this.#re, this.#im, this.#turn);
    for (const [bin, { first, weights }] of this.filters.entries()) {
      let energy = 0;
      for (let i = 0; i < weights.length; i++) {
        const k = this.#order[first + i]!;
        energy += weights[i]! * (this.#re[k]! ** 2 + this.#im[k]! ** 2);
      }
      take(bin, energy);
    }
  }
}

/** Each bin minus its mean over the frames, divided by what `divisor` says of the sum of the squares that are left. */
function standardize(features: Float32Array, bins: number, divisor: (squares: number) => number): void {
  const frames = features.length / bins;
  for (let bin = 0; bin < bins; bin++) {
    let sum = 0;
    for (let at = bin; at < features.length; at += bins) sum += features[at]!;
    const mean = sum / frames;
    let squares = 0;
    for (let at = bin; at < features.length; at += bins) squares += (features[at]! - mean) ** 2;
    const by = divisor(squares);
    for (let at = bin; at < features.length; at += bins) features[at] = (features[at]! - mean) / by;
  }
}
