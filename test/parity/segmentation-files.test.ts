import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSegmentation, type SegmentationWeights } from '../../src/model/index.js';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'whospeaks-segmentation-'));
const read = (name: string): Promise<SegmentationWeights> => readSegmentation(join(folder, name));

beforeAll(() => {
  const output = execFileSync(
    join(root, '.venv/bin/python'),
    [join(root, 'test/parity/make_segmentation.py'), folder],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  console.log(output.trim());
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Names and values of the tensors that differ. */
function differences(a: SegmentationWeights, b: SegmentationWeights): string[] {
  return [...a.tensors].flatMap(([name, { data }]) => {
    const other = b.tensors.get(name)!.data;
    const most = data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - other[i]!)), 0);
    return most === 0 && data.length === other.length ? [] : [`${name}: ${most}`];
  });
}

describe('weights of the segmentation network, equal to the bit, from', () => {
  it.each([
    ['pytorch_model.bin', 'expected.safetensors'],
    ['model.safetensors', 'expected.safetensors'],
    ['model.onnx', 'expected.safetensors'],
    ['model.int8.onnx', 'expected.int8.safetensors'],
  ])('%s', async (name, expected) => {
    const [own, other] = [await read(name), await read(expected)];
    expect(differences(own, other)).toEqual([]);
    expect(own.fingerprint).toBe(other.fingerprint);
  });

  it('the quantised file and not the floats: the two differ', async () => {
    const moved = differences(await read('expected.int8.safetensors'), await read('expected.safetensors'));
    expect(moved.some((line) => line.startsWith('lstm.weight_hh_l3'))).toBe(true);
    expect(moved.some((line) => line.startsWith('sincnet.conv1d.1.weight'))).toBe(true);
    expect(moved.some((line) => line.startsWith('classifier.weight'))).toBe(true);
  });
});
