import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Fbank } from '../../src/fbank/fbank.js';
import { frameBlock } from '../fbank/frame-block.js';
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

/** The samples of a 16-bit mono wav with a 44-byte header. */
function readExample(path: string): Float32Array {
  const bytes = readFileSync(path);
  if (bytes.toString('latin1', 36, 40) !== 'data') throw new Error(`${path}: not a plain wav`);
  const count = (bytes.length - 44) / 2;
  return Float32Array.from({ length: count }, (_, i) => bytes.readInt16LE(44 + 2 * i) / 32768);
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
