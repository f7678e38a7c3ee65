import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readModel, type CanonicalModel } from '../../src/model/index.js';
import { describeNetwork } from '../../src/model/network.js';
import { testFolder } from './files/folder.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights, type TestTensor } from './files/weights.js';

const root = testFolder();
const POOLED = 2 * 16 * 2;
const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => i / 8 - 1);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'beside-'));
  writeFileSync(join(folder, 'model.safetensors'), safetensorsFile(makeWeights()));
});

/** The model, with a file of these tensors beside it, which the config names in `part`. */
function modelWith(
  part: object,
  tensors: Record<string, TestTensor>,
  file = 'extra.safetensors',
): Promise<CanonicalModel> {
  writeFileSync(join(folder, file), safetensorsFile(new Map(Object.entries(tensors))));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(part));
  return readModel(folder);
}

const people = (count: number, width = 5): TestTensor => ({
  shape: [count, width],
  data: ramp(count * width),
});
const readout = (size = POOLED): Record<string, TestTensor> => ({
  'overlap.weight': { shape: [1, size], data: ramp(size) },
  'overlap.bias': { shape: [1], data: Float32Array.of(-2) },
});
const named = (extra: object = {}): object => ({ file: 'extra.safetensors', ...extra });

describe('a cohort beside the model', () => {
  it('is read as unit vectors', async () => {
    const { cohort } = await modelWith({ cohort: named() }, { embeddings: people(20) });
    expect(cohort).toHaveLength(20);
    const [x, y] = [-1, -0.875];
    expect(cohort![0]![1]! / cohort![0]![0]!).toBeCloseTo(y / x, 6);
    for (const voice of cohort!) expect(Math.hypot(...voice)).toBeCloseTo(1, 6);
  });

  it('is refused where it is too small, too wide, of another name, or holds no direction', async () => {
    const cohort = { cohort: named() };
    await expect(modelWith(cohort, { embeddings: people(19) })).rejects.toMatchObject({
      code: 'model-shape',
    });
    await expect(modelWith(cohort, { embeddings: people(20, 6) })).rejects.toMatchObject({
      code: 'model-shape',
    });
    await expect(modelWith(cohort, { voices: people(20) })).rejects.toMatchObject({ code: 'model-corrupt' });
    const silent = { shape: [20, 5], data: new Float32Array(100) };
    await expect(modelWith(cohort, { embeddings: silent })).rejects.toMatchObject({ code: 'model-corrupt' });
  });
});

describe('an overlap readout beside the model', () => {
  it('is read, and is no part of the fingerprint', async () => {
    const plain = await readModel(folder);
    expect(plain.overlap).toBeUndefined();
    const { overlap, fingerprint } = await modelWith({ overlap: named() }, readout());
    expect(overlap).toEqual({ weight: ramp(POOLED), bias: -2 });
    expect(fingerprint).toBe(plain.fingerprint);
  });

  it('becomes one more output of the network', async () => {
    const model = await modelWith({ overlap: named() }, readout());
    const { sizes, tensors } = describeNetwork(model);
    expect(sizes).toMatchObject({ dimension: [5], overlap: [1] });
    expect(tensors.get('overlap.weight')).toEqual({ shape: [1, POOLED], data: ramp(POOLED) });
    expect(tensors.get('overlap.bias')).toEqual({ shape: [1], data: Float32Array.of(-2) });
    expect(tensors.get('embedding.weight')).toBe(model.tensors.get('embedding.weight'));
    const plain = describeNetwork({ ...model, overlap: undefined });
    expect(plain.sizes).toMatchObject({ overlap: [0] });
    expect([...plain.tensors.keys()]).toEqual([...model.tensors.keys()]);
  });

  it('is refused where it does not fit the network, is not finite, or is not there', async () => {
    const overlap = { overlap: named() };
    await expect(modelWith(overlap, readout(POOLED + 1))).rejects.toMatchObject({
      code: 'model-shape',
      message: expect.stringContaining('overlap.weight') as string,
    });
    const broken = { ...readout(), 'overlap.bias': { shape: [1], data: Float32Array.of(NaN) } };
    await expect(modelWith(overlap, broken)).rejects.toMatchObject({ code: 'model-corrupt' });
    await expect(
      modelWith(overlap, { 'overlap.weight': readout()['overlap.weight']! }),
    ).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringContaining('overlap.bias') as string,
    });
  });
});

describe.each(['cohort', 'overlap'])('the file of a %s', (part) => {
  const tensors = { embeddings: people(20), ...readout() };

  it('must be the one that the config was written with', async () => {
    const bytes = safetensorsFile(new Map(Object.entries(tensors)));
    const good = { [part]: named({ sha256: sha256(bytes) }) };
    expect(await modelWith(good, tensors)).toHaveProperty(part);
    const other = { [part]: named({ sha256: sha256(Uint8Array.of(1)) }) };
    await expect(modelWith(other, tensors)).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringContaining('sha256') as string,
    });
  });

  it('must be there, and beside the config', async () => {
    await expect(modelWith({ [part]: { file: 'gone.safetensors' } }, tensors)).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringContaining('cannot be read') as string,
    });
    await expect(modelWith({ [part]: { file: '../extra.safetensors' } }, tensors)).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringContaining(`${part}.file`) as string,
    });
  });
});
