import { Convolver } from './convolve.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** The band of a narrowband telephone call (ITU-T G.712). */
const LOW_HZ = 300;
const HIGH_HZ = 3400;
const TAPS = 255;
/** Of the mu-law of ITU-T G.711. */
const MU = 255;

/**
 * The sound after a telephone call: 300 to 3400 Hz, 8 kHz, 8-bit mu-law, and back to 16 kHz. As long as
 * `samples` and not delayed.
 */
export function telephone(samples: Float32Array): Float32Array {
  const narrow = filtered(samples, bandPass(LOW_HZ, HIGH_HZ));
  const sparse = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i += 2) sparse[i] = 2 * muLaw(narrow[i]!);
  return filtered(sparse, bandPass(0, HIGH_HZ));
}

/** Quantised to 256 levels, logarithmically spaced (the continuous law of G.711). */
function muLaw(x: number): number {
  const clipped = Math.max(-1, Math.min(1, x));
  const companded = (Math.sign(clipped) * Math.log1p(MU * Math.abs(clipped))) / Math.log1p(MU);
  const level = Math.round(companded * 127) / 127;
  return (Math.sign(level) * Math.expm1(Math.abs(level) * Math.log1p(MU))) / MU;
}

/** Linear phase, windowed sinc (Blackman). */
function bandPass(lowHz: number, highHz: number): Float32Array {
  const middle = (TAPS - 1) / 2;
  const lowPass = (hz: number, t: number): number => {
    const cycles = (2 * hz) / SAMPLE_RATE_HZ;
    return t === 0 ? cycles : Math.sin(Math.PI * cycles * t) / (Math.PI * t);
  };
  return Float32Array.from({ length: TAPS }, (_, i) => {
    const phase = (2 * Math.PI * (i + 1)) / (TAPS + 1);
    const window = 0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase);
    return window * (lowPass(highHz, i - middle) - lowPass(lowHz, i - middle));
  });
}

function filtered(samples: Float32Array, filter: Float32Array): Float32Array {
  const half = (filter.length - 1) / 2;
  return new Convolver(filter).apply(samples).subarray(half, half + samples.length);
}
