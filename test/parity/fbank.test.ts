import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Fbank } from '../../src/fbank/fbank.js';
import { frameBlock } from '../fbank/frame-block.js';
import { readExample } from '../fbank/read-example.js';
import { signals } from '../fbank/signals.js';

/** kaldi-native-fbank's features of each signal, by one call of Python. */
function reference(inputs: readonly Float32Array[]): Float32Array[] {
  const folder = mkdtempSync(join(tmpdir(), 'fbank-'));
  try {
    const parts = inputs.flatMap((s) => [Buffer.from(Int32Array.of(s.length).buffer), Buffer.from(s.buffer)]);
    writeFileSync(join(folder, 'in'), Buffer.concat(parts));
    execFileSync('.venv/bin/python', ['test/parity/fbank.py', join(folder, 'in'), join(folder, 'out')]);
    const out = readFileSync(join(folder, 'out'));
    let at = 0;
    return inputs.map(() => {
      const count = out.readInt32LE(at) * 80;
      const features = Float32Array.from({ length: count }, (_, i) => out.readFloatLE(at + 4 + 4 * i));
      at += 4 + 4 * count;
      return features;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('Fbank against kaldi-native-fbank', () => {
  const recordings = ['alice', 'meeting'].map((name) => ({
    name,
    samples: readExample(`examples/audio/${name}.wav`),
  }));
  const all = [...signals(), ...recordings];
  const expected = reference(all.map((s) => s.samples));
  it.each(all.map((s, i) => [s.name, s.samples, expected[i]!] as const))('%s', (name, samples, want) => {
    const got = new Fbank().compute(frameBlock(samples));
    expect(got.length).toBe(want.length);
    const worst = want.reduce((max, value, i) => Math.max(max, Math.abs(value - got[i]!)), 0);
    console.log(`${name}: ${want.length / 80} frames, maximum difference ${worst.toExponential(2)}`);
    expect(worst).toBeLessThanOrEqual(1e-3);
  });
});
