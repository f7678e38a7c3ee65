import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SegmentationModel } from '../../src/native/index.js';
import { compareWithPyTorch, segmentationCases } from './segmentation-cases.js';

const folder = mkdtempSync(join(tmpdir(), 'whospeaks-segmentation-'));
const cases = segmentationCases(folder);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['random', 'bundled'])('%s segmentation weights against PyTorch', (name) => {
  it.each([1, 2])('frames of speech, noise and silence on %i threads', async (threads) => {
    const own = cases.filter(({ model }) => model === name);
    expect(own.length).toBeGreaterThan(10);
    const model = await SegmentationModel.fromFile(own[0]!.path, { engine: 'cpu', threads });
    const all = new Set<number>();
    for (const each of own) {
      const { greatest, classes, samples } = await compareWithPyTorch(model, each);
      for (const found of classes) all.add(found);
      console.log(
        `${name}, ${each.kind}, ${each.batch} x ${samples}: difference ${greatest.toExponential(1)}`,
      );
      expect(greatest).toBeLessThanOrEqual(1e-4);
    }
    model.close();
    // Frames that all say the same would be no comparison.
    expect(all.size).toBeGreaterThan(2);
  });
});
