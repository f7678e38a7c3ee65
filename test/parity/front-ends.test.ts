import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { ModelFrontEnd } from '../../src/model/index.js';
import { makeFrontEnd } from '../../src/native/onnx/front-end.js';
import { featuresOf } from '../../src/native/recording.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-front-ends-'));
execFileSync(join(root, '.venv/bin/python'), [join(root, 'test/parity/front-ends.py'), folder], {
  stdio: 'inherit',
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function floats(name: string): Float32Array {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

const greatest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

const kaldi = { kind: 'kaldi', bins: 80, subtractsMean: true } as const;
const nemo = { kind: 'nemo', bins: 80, windowSamples: 400, shiftSamples: 160 } as const;

it.each<[string, ModelFrontEnd]>([
  ['povey', { ...kaldi, window: 'povey', scale: 1 }],
  ['hamming', { ...kaldi, window: 'hamming', scale: 32_768 }],
  ['nemo', { ...nemo, isNormalized: true }],
  ['nemo-plain', { ...nemo, isNormalized: false }],
])('%s: the features of its framework', (name, spec) => {
  const expected = floats(`${name}.features`);
  const { features, frames } = makeFrontEnd(spec)(floats('samples'));
  expect(features).toHaveLength(expected.length);
  expect(frames * 80).toBe(expected.length);
  const difference = greatest(features, expected);
  console.log(`${name}: greatest difference ${difference.toExponential(1)}`);
  expect(difference).toBeLessThan(2e-3);
});

it('hamming: those that our own networks hear', () => {
  const spec: ModelFrontEnd = { ...kaldi, window: 'hamming', scale: 32_768 };
  const samples = floats('samples');
  expect(greatest(makeFrontEnd(spec)(samples).features, featuresOf(samples).features)).toBeLessThan(2e-3);
});

it('waveform: the samples themselves', () => {
  const samples = floats('samples');
  expect(makeFrontEnd({ kind: 'waveform' })(samples)).toEqual({ frames: samples.length, features: samples });
});
