import { describe, expect, it } from 'vitest';
import { NativeLogMel } from '../../src/native/index.js';
import { frameBlock } from '../fbank/frame-block.js';
import { readExample } from '../fbank/read-example.js';
import { signals } from '../fbank/signals.js';
import { referenceFeatures } from './fbank-reference.js';

const recordings = ['alice', 'meeting'].map((name) => ({
  name,
  samples: readExample(`examples/audio/${name}.wav`),
}));
const all = [...signals(), ...recordings];

describe.each([
  ['kaldi-native-fbank', 'kaldi'],
  ['numpy with an exact spectrum', 'exact'],
] as const)('log-mel features against %s', (_, kind) => {
  const expected = referenceFeatures(
    kind,
    all.map((s) => s.samples),
  );
  it.each(all.map((s, i) => [s.name, s.samples, expected[i]!] as const))('%s', (name, samples, want) => {
    const got = new NativeLogMel().compute(frameBlock(samples));
    expect(got.length).toBe(want.length);
    const worst = want.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i]!)), 0);
    console.log(`${kind}, ${name}: ${want.length / 80} frames, maximum difference ${worst.toExponential(2)}`);
    expect(worst).toBeLessThanOrEqual(1e-3);
  });
});
