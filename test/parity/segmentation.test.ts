import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SegmentationModel } from '../../src/native/index.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-segmentation-'));

interface Case {
  readonly model: string;
  readonly path: string;
  readonly kind: string;
  readonly batch: number;
  readonly stem: string;
}

const bundled = join(root, 'models/segmentation/model.safetensors');
const cases = JSON.parse(
  execFileSync(
    join(root, '.venv/bin/python'),
    [join(root, 'test/parity/segmentation.py'), folder, bundled, join(root, 'examples/audio/meeting.wav')],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  ),
) as Case[];

function floats(path: string): Float32Array {
  return new Float32Array(new Uint8Array(readFileSync(path)).buffer);
}

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['random', 'bundled'])('%s segmentation weights against PyTorch', (name) => {
  it.each([1, 2])('frames of speech, noise and silence on %i threads', async (threads) => {
    const own = cases.filter(({ model }) => model === name);
    expect(own.length).toBeGreaterThan(10);
    const model = await SegmentationModel.fromFile(own[0]!.path, { engine: 'cpu', threads });
    const classes = new Set<number>();
    for (const { kind, batch, stem } of own) {
      const samples = floats(`${stem}.samples`);
      const expected = floats(`${stem}.frames`);
      const size = samples.length / batch;
      const windows = Array.from({ length: batch }, (_, i) => samples.subarray(i * size, (i + 1) * size));
      const frames = (await model.segment(windows)).flatMap(({ logProbabilities }) => [...logProbabilities]);
      expect(frames.length).toBe(expected.length);
      let greatest = 0;
      // Of what is all but impossible, a ten-thousandth of its logarithm.
      for (const [i, value] of frames.entries())
        greatest = Math.max(greatest, Math.abs(value - expected[i]!) / Math.max(1, Math.abs(expected[i]!)));
      for (let i = 0; i < frames.length; i += 7) {
        const row = frames.slice(i, i + 7);
        classes.add(row.indexOf(Math.max(...row)));
      }
      console.log(`${name}, ${kind}, ${batch} x ${size}: difference ${greatest.toExponential(1)}`);
      expect(greatest).toBeLessThanOrEqual(1e-4);
    }
    model.close();
    // Frames that all say the same would be no comparison.
    expect(classes.size).toBeGreaterThan(2);
  });
});
