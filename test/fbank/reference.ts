import type { GateWeights } from '../../src/fbank/gate-weights.js';
import type { FrameBlock } from '../../src/stream/types.js';

// The front end written plainly, from its definition: what the native one is compared with. The steps that Kaldi rounds to
// float32 are rounded here (a constant signal leaves nothing but that rounding); spectrum, energies and the gate's network
// are in double precision.

const f32 = Math.fround;
const RATE_HZ = 16_000;
const FRAME = 400;
const POINTS = 512;
const BINS = 80;

/** Log-mel energies, count x 80. */
export function referenceLogMel({ samples, count }: FrameBlock): Float64Array {
  const features = new Float64Array(count * BINS);
  for (let i = 0; i < count; i++) {
    const power = powerSpectrum(conditioned(samples.subarray(i * FRAME, (i + 1) * FRAME)));
    TRIANGLES.forEach((weights, bin) => {
      const energy = weights.reduce((sum, weight, k) => sum + weight * power[k]!, 0);
      features[i * BINS + bin] = Math.log(Math.max(energy, 2 ** -23));
    });
  }
  return features;
}

/** Mean off, pre-emphasis, 16-bit scale, Hamming. */
function conditioned(frame: Float32Array): number[] {
  const mean = f32(frame.reduce((sum, x) => f32(sum + x), 0) / FRAME);
  const level = Array.from(frame, (x) => f32(x - mean));
  return level.map((x, i) => {
    const sharp = f32(x - f32(f32(0.97) * level[Math.max(0, i - 1)]!));
    return f32(sharp * 32_768 * f32(0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (FRAME - 1))));
  });
}

/** Cosines and sines of 2 pi n / 512. */
const COS = Float64Array.from({ length: POINTS }, (_, n) => Math.cos((2 * Math.PI * n) / POINTS));
const SIN = Float64Array.from({ length: POINTS }, (_, n) => Math.sin((2 * Math.PI * n) / POINTS));

/** The sum that defines it, of 512 points, k = 0 to 255. */
function powerSpectrum(samples: readonly number[]): Float64Array {
  return Float64Array.from({ length: POINTS / 2 }, (_, k) => {
    let re = 0;
    let im = 0;
    samples.forEach((x, n) => {
      re += x * COS[(k * n) % POINTS]!;
      im -= x * SIN[(k * n) % POINTS]!;
    });
    return re * re + im * im;
  });
}

function mel(hz: number): number {
  return f32(1127 * f32(Math.log(f32(1 + f32(hz / 700)))));
}

/** Weights of 80 triangles over the 256 powers, corners equally spaced in mel from 20 to 8000 Hz. */
const TRIANGLES = Array.from({ length: BINS }, (_, bin) => {
  const step = f32(f32(mel(8000) - mel(20)) / (BINS + 1));
  const corner = (i: number): number => f32(mel(20) + f32(i * step));
  const [left, centre, right] = [corner(bin), corner(bin + 1), corner(bin + 2)];
  return Array.from({ length: POINTS / 2 }, (__, k) => {
    const at = mel((RATE_HZ / POINTS) * k);
    if (at <= left || at >= right) return 0;
    return at <= centre
      ? f32(f32(at - left) / f32(centre - left))
      : f32(f32(right - at) / f32(right - centre));
  });
});

/** The speech gate's log-odds of count x 80 features: a projection, a GRU in PyTorch's form, one output. */
export function referenceGate(features: Float32Array, count: number, weights: GateWeights): Float64Array {
  let state = weights.out.map(() => 0);
  return Float64Array.from({ length: count }, (_, i) => {
    const frame = Float64Array.from(features.subarray(i * BINS, (i + 1) * BINS), (x) => x * 0.2 - 2);
    const input = dense(weights.project, weights.projectBias, frame).map(Math.tanh);
    const drive = dense(weights.fromInput, weights.fromInputBias, input);
    const recur = dense(weights.fromState, weights.fromStateBias, state);
    const units = state.length;
    state = state.map((old, u) => {
      const reset = sigmoid(drive[u]! + recur[u]!);
      const update = sigmoid(drive[units + u]! + recur[units + u]!);
      const fresh = Math.tanh(drive[2 * units + u]! + reset * recur[2 * units + u]!);
      return (1 - update) * fresh + update * old;
    });
    return state.reduce((sum, unit, u) => sum + weights.out[u]! * unit, weights.outBias);
  });
}

/** bias + matrix x vector; `matrix`: rows x columns, row-major. */
export function dense(matrix: Float64Array, bias: Float64Array, vector: Float64Array): Float64Array {
  return bias.map((start, row) =>
    vector.reduce((sum, x, k) => sum + matrix[row * vector.length + k]! * x, start),
  );
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
