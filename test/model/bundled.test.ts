import { describe, expect, it } from 'vitest';
import { countParameters, readModel } from '../../src/model/index.js';

const bundled = new URL('../../models', import.meta.url).pathname;

describe('the bundled model', () => {
  it('loads from its folder into the canonical form', async () => {
    const model = await readModel(bundled);
    expect(model.config).toEqual({ blocks: [2, 2, 2, 2], channels: 16, featureSize: 80, dimension: 256 });
    expect(model.tensors.get('conv1.weight')!.shape).toEqual([16, 3, 3, 1]);
    expect(model.tensors.get('layer2.0.shortcut.weight')!.shape).toEqual([32, 1, 1, 16]);
    expect(model.tensors.get('embedding.weight')!.shape).toEqual([256, 2560]);
    expect(model.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    const values = [...model.tensors.values()].reduce((sum, tensor) => sum + tensor.data.length, 0);
    expect(countParameters(model.config)).toBe(values);
  });
});
