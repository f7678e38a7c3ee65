import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateWeights } from '../../src/fbank/gate-weights.js';
import { MEL_BINS } from '../../src/fbank/types.js';
import { NativeGateNetwork, NativeLogMel } from '../../src/native/front-end.js';
import { loadAddon } from '../../src/native/load-addon.js';
import { FRAME_SAMPLES } from '../../src/stream/types.js';
import { frameBlock } from '../fbank/frame-block.js';
import { readExample } from '../fbank/read-example.js';
import { dense, referenceGate, referenceLogMel } from '../fbank/reference.js';
import { signals } from '../fbank/signals.js';
import { randomNumbers } from '../random.js';

/** Every instruction set that this machine runs. */
const SETS = process.arch === 'arm64' ? ['scalar', 'neon'] : ['scalar', 'avx2', 'avx512'];
const before = process.env['WHOSPEAKS_SIMD'];
const runnable = SETS.filter((name) => {
  process.env['WHOSPEAKS_SIMD'] = name;
  try {
    return new NativeLogMel() instanceof NativeLogMel;
  } catch {
    return false;
  }
});
restore();

/** What `make` makes in the portable base, which the other instruction sets are held to. */
function scalar<T>(make: () => T): T {
  const now = process.env['WHOSPEAKS_SIMD'];
  process.env['WHOSPEAKS_SIMD'] = 'scalar';
  try {
    return make();
  } finally {
    if (now === undefined) delete process.env['WHOSPEAKS_SIMD'];
    else process.env['WHOSPEAKS_SIMD'] = now;
  }
}

function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

function restore(): void {
  if (before === undefined) delete process.env['WHOSPEAKS_SIMD'];
  else process.env['WHOSPEAKS_SIMD'] = before;
}

const random = randomNumbers(3);
const recordings = ['alice', 'bob', 'meeting'].map((name) => ({
  name,
  samples: readExample(`examples/audio/${name}.wav`),
}));
const loudness = Float32Array.from({ length: 32_000 }, () => (random() - 0.5) * 2 ** (40 * random() - 35));
const all = [...signals(), ...recordings, { name: 'noise of every level', samples: loudness }];

/** What saturates the gate, or lies at the thresholds of the exponential; and its scores, which take the reference a second. */
const extremes = Float32Array.from({ length: 4000 * MEL_BINS }, (_, i) => {
  const size = 2 ** (((i / MEL_BINS) % 400) / 20 - 10);
  return 10 + size * (random() - 0.5);
});
let expectedOfExtremes: Float64Array | undefined;

/** Places where the bits differ. */
function differing(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number[] {
  expect(a.length).toBe(b.length);
  const bytes = (x: Float32Array | Float64Array) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  if (Buffer.compare(bytes(a), bytes(b)) === 0) return [];
  return [...a.keys()].filter((i) => !Object.is(a[i], b[i]));
}

it('runs the scalar kernels on every machine, and others on most', () => {
  expect(runnable).toContain('scalar');
  console.log(`front end: ${runnable.join(', ')}`);
});

describe.each(runnable)('in %s, the native front end', (simd) => {
  beforeAll(() => (process.env['WHOSPEAKS_SIMD'] = simd));
  afterAll(restore);

  it.each(all)('gives the features and scores of the portable base, to the bit: $name', ({ samples }) => {
    const block = frameBlock(samples);
    const expected = scalar(() => new NativeLogMel()).compute(block);
    const features = new NativeLogMel().compute(block);
    expect(differing(features, expected)).toEqual([]);
    const scores = new NativeGateNetwork().scores(expected, block.count);
    const base = scalar(() => new NativeGateNetwork());
    expect(differing(scores, base.scores(expected, block.count))).toEqual([]);
  });

  it('does so for blocks of any size', () => {
    const block = frameBlock(recordings[0]!.samples.subarray(0, 32_000));
    const logMel = new NativeLogMel();
    const expected = logMel.compute(block);
    const expectedScores = new NativeGateNetwork().scores(expected, block.count);
    for (let size = 1; size <= 21; size += 1) {
      const gate = new NativeGateNetwork();
      for (let at = 0; at < block.count; at += size) {
        const count = Math.min(size, block.count - at);
        const frames = block.samples.subarray(at * FRAME_SAMPLES, (at + count) * FRAME_SAMPLES);
        const features = logMel.compute({ startSample: 0, count, samples: frames });
        const scores = gate.scores(features, count);
        expect(differing(features, expected.slice(at * MEL_BINS, (at + count) * MEL_BINS))).toEqual([]);
        expect(differing(scores, expectedScores.slice(at, at + count))).toEqual([]);
      }
    }
  });

  it('multiplies a matrix with a vector in the order of the columns, to the bit', () => {
    for (const [rows, columns] of [
      [8, 3],
      [40, 256],
      [304, 256],
    ] as const) {
      const values = Float32Array.from({ length: rows * columns }, () => random() - 0.5);
      const vector = Float32Array.from({ length: columns }, () => random() - 0.5);
      const expected = dense(Float64Array.from(values), new Float64Array(rows), Float64Array.from(vector));
      const out = new Float64Array(rows);
      loadAddon().createMatrix(values, rows).times(vector, out);
      expect(differing(out, expected)).toEqual([]);
    }
  });

  it('forgets at a reset', () => {
    const block = frameBlock(recordings[1]!.samples);
    const features = new NativeLogMel().compute(block);
    const gate = new NativeGateNetwork();
    const first = gate.scores(features, block.count);
    expect(gate.scores(features, 1)).not.toEqual(first.slice(0, 1));
    gate.reset();
    expect(gate.scores(features, block.count)).toEqual(first);
  });

  it('agrees with Math.exp from one end of its range to the other', () => {
    const scores = new NativeGateNetwork().scores(extremes, 4000);
    expectedOfExtremes ??= referenceGate(extremes, 4000, gateWeights());
    expect(greatestDifference(scores, expectedOfExtremes)).toBeLessThan(1e-9);
    expect(differing(scores, scalar(() => new NativeGateNetwork()).scores(extremes, 4000))).toEqual([]);
    const none = new Float32Array(2 * MEL_BINS).fill(NaN);
    expect(Array.from(new NativeGateNetwork().scores(none, 2))).toEqual([NaN, NaN]);
  });
});

describe('against the plain reference', () => {
  it.each(all)('$name', ({ name, samples }) => {
    const block = frameBlock(samples.subarray(0, 8000));
    const features = new NativeLogMel().compute(block);
    const worst = greatestDifference(features, referenceLogMel(block));
    const scores = new NativeGateNetwork().scores(features, block.count);
    const worstScore = greatestDifference(scores, referenceGate(features, block.count, gateWeights()));
    console.log(`${name}: features ${worst.toExponential(1)}, speech ${worstScore.toExponential(1)}`);
    expect(worst).toBeLessThan(1e-5);
    expect(worstScore).toBeLessThan(1e-9);
  });
});

it('refuses arrays that are too short', () => {
  const samples = new Float32Array(FRAME_SAMPLES);
  expect(() => new NativeLogMel().compute({ startSample: 0, count: 2, samples })).toThrow('count x 400');
  expect(() => new NativeGateNetwork().scores(new Float32Array(MEL_BINS), 2)).toThrow('count x 80');
  const matrix = loadAddon().createMatrix(new Float32Array(6), 3);
  expect(() => {
    matrix.times(new Float32Array(3), new Float64Array(3));
  }).toThrow('expected 2 numbers (columns)');
  expect(() => loadAddon().createMatrix(new Float32Array(6), 4)).toThrow('rows x columns');
});
