import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NativeGateNetwork, NativeLogMel } from '../../src/native/index.js';
import { frameBlock } from '../fbank/frame-block.js';
import { readExample } from '../fbank/read-example.js';

it('the speech gate computes the network that numpy computes from the same weights', () => {
  const block = frameBlock(readExample('examples/audio/meeting.wav').subarray(0, 20 * 16_000));
  const features = new NativeLogMel().compute(block);
  const folder = mkdtempSync(join(tmpdir(), 'gate-'));
  try {
    writeFileSync(join(folder, 'in'), features);
    const files = ['src/fbank/speech-gate-weights.ts', join(folder, 'in'), join(folder, 'out')];
    execFileSync('.venv/bin/python', ['test/parity/fbank-gate.py', ...files]);
    const out = readFileSync(join(folder, 'out'));
    expect(out.length).toBe(8 * block.count);
    const scores = new NativeGateNetwork().scores(features, block.count);
    let worst = 0;
    let largest = 0;
    for (let i = 0; i < block.count; i++) {
      const want = out.readDoubleLE(8 * i);
      worst = Math.max(worst, Math.abs(scores[i]! - want));
      largest = Math.max(largest, want);
    }
    console.log(`gate: ${block.count} frames, maximum difference ${worst.toExponential(2)}`);
    expect(worst).toBeLessThan(1e-9);
    expect(largest).toBeGreaterThan(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
