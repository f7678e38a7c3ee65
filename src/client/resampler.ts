import { WhospeaksError } from '../errors.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';

/** The band that is kept whole and where it must have ended, as parts of the lower of the two rates. */
const PASS = 0.47;
const STOP = 0.5;
const ATTENUATION_DB = 80;
/** Beyond this the table of filters would take megabytes; every rate that sound cards use has at most 640. */
const MAX_PHASES = 2000;

/**
 * One channel at any usual rate -> 16 kHz: a polyphase Kaiser-windowed sinc (A. V. Oppenheim and
 * R. W. Schafer, Discrete-Time Signal Processing, section 7.6), flat to 7.5 kHz and 80 dB down from 8 kHz.
 * What comes out does not depend on how the input was cut, and sample n of it lies at time n / 16000.
 */
export class Resampler {
  private readonly up: number;
  private readonly down: number;
  private readonly half: number;
  private readonly filters: readonly Float32Array[];
  private history: Float32Array;
  /** Position in the input of `history[0]`. */
  private historyStart: number;
  private inputs = 0;
  private outputs = 0;

  /** @throws WhospeaksError `audio-format` for a rate that no sound card has */
  constructor(inputHz: number) {
    const usual = Number.isInteger(inputHz) && inputHz >= 8000;
    const divisor = usual ? gcd(SAMPLE_RATE_HZ, inputHz) : 1;
    if (!usual || SAMPLE_RATE_HZ / divisor > MAX_PHASES) {
      throw new WhospeaksError(
        'audio-format',
        `cannot resample ${inputHz} Hz; use a usual rate such as 48000 Hz`,
      );
    }
    this.up = SAMPLE_RATE_HZ / divisor;
    this.down = inputHz / divisor;
    const lower = Math.min(inputHz, SAMPLE_RATE_HZ);
    const width = ((STOP - PASS) * lower) / inputHz;
    this.half = Math.ceil((ATTENUATION_DB - 7.95) / (14.36 * width) / 2);
    const cutoff = ((STOP + PASS) / 2) * (lower / inputHz);
    this.filters = Array.from({ length: this.up }, (_, phase) => filter(this.half, cutoff, phase / this.up));
    this.history = new Float32Array(this.half - 1);
    this.historyStart = 1 - this.half;
  }

  push(samples: Float32Array): Float32Array {
    this.inputs += samples.length;
    const joined = new Float32Array(this.history.length + samples.length);
    joined.set(this.history);
    joined.set(samples, this.history.length);
    this.history = joined;
    return this.filtered(Infinity);
  }

  /** The tail: as many samples in all as the input lasted. */
  flush(): Float32Array {
    const total = Math.ceil((this.inputs * this.up) / this.down);
    const joined = new Float32Array(this.history.length + this.half + 1);
    joined.set(this.history);
    this.history = joined;
    return this.filtered(total);
  }

  private filtered(limit: number): Float32Array {
    const out: number[] = [];
    const end = this.historyStart + this.history.length;
    for (; this.outputs < limit; this.outputs++) {
      const scaled = this.outputs * this.down;
      const first = Math.floor(scaled / this.up) - this.half + 1;
      if (first + 2 * this.half > end) break;
      const taps = this.filters[scaled % this.up]!;
      const offset = first - this.historyStart;
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k]! * this.history[offset + k]!;
      out.push(sum);
    }
    const needed = Math.floor((this.outputs * this.down) / this.up) - this.half + 1;
    const drop = Math.min(this.history.length, Math.max(0, needed - this.historyStart));
    this.history = this.history.slice(drop);
    this.historyStart += drop;
    return Float32Array.from(out);
  }
}

/** Taps for an output that lies `fraction` of a sample after input `half - 1` of the `2 half` that it reads. */
function filter(half: number, cutoff: number, fraction: number): Float32Array {
  const beta = 0.1102 * (ATTENUATION_DB - 8.7);
  const taps = new Float64Array(2 * half);
  let sum = 0;
  for (let k = 0; k < taps.length; k++) {
    const t = k - half + 1 - fraction;
    const x = 2 * Math.PI * cutoff * t;
    const window = bessel(beta * Math.sqrt(Math.max(0, 1 - (t / half) ** 2)));
    taps[k] = (x === 0 ? 1 : Math.sin(x) / x) * window;
    sum += taps[k]!;
  }
  // Each phase passes DC alike, or a constant would come out as a tone.
  return Float32Array.from(taps, (tap) => tap / sum);
}

/** Modified Bessel function of the first kind, order 0. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
