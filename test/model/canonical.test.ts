import { describe, expect, it } from 'vitest';
import { countMultiplyAdds, countParameters } from '../../src/model/index.js';
import { readBytes, refusal, testFolder } from './files/folder.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights, renamed, TINY, toOhwi, type TestTensor } from './files/weights.js';

const folder = testFolder();
const weights = makeWeights();
const unfused = safetensorsFile(weights);

const without = (name: string): Uint8Array =>
  safetensorsFile(new Map([...weights].filter(([each]) => each !== name)));
const withTensor = (name: string, tensor: TestTensor): Uint8Array =>
  safetensorsFile(new Map([...weights, [name, tensor]]));
const zeros = (...shape: number[]): TestTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

describe('the canonical form', () => {
  it('folds BatchNorm in float64 and lays convolutions out [out, kF, kT, in]', async () => {
    const model = await readBytes(folder, unfused);
    expect(model.config).toEqual({ ...TINY });
    const value = (name: string, at: number): number => weights.get(name)!.data[at]!;
    const folded = model.tensors.get('layer2.0.conv1.weight')!;
    expect(folded.shape).toEqual([4, 3, 3, 2]);
    const scaleOf = (norm: string, out: number): number =>
      value(`${norm}.weight`, out) / Math.sqrt(value(`${norm}.running_var`, out) + 1e-5);
    for (let o = 0; o < 4; o++)
      for (let i = 0; i < 2; i++)
        for (let f = 0; f < 3; f++)
          for (let t = 0; t < 3; t++) {
            const plain = value('layer2.0.conv1.weight', ((o * 2 + i) * 3 + f) * 3 + t);
            expect(folded.data[((o * 3 + f) * 3 + t) * 2 + i]).toBe(
              Math.fround(plain * scaleOf('layer2.0.bn1', o)),
            );
          }
    const bias = model.tensors.get('layer2.0.shortcut.bias')!.data[3];
    const norm = 'layer2.0.shortcut.1';
    expect(bias).toBe(
      Math.fround(value(`${norm}.bias`, 3) - value(`${norm}.running_mean`, 3) * scaleOf(norm, 3)),
    );
    expect(model.tensors.get('embedding.weight')!.data).toEqual(weights.get('seg_1.weight')!.data);
  });

  it('folds a bias that a convolution has beside its BatchNorm', async () => {
    const plain = await readBytes(folder, unfused);
    const bias = Float32Array.of(0.5, -2);
    const model = await readBytes(folder, withTensor('conv1.bias', { shape: [2], data: bias }));
    const value = (part: string, at: number): number => weights.get(`bn1.${part}`)!.data[at]!;
    for (const at of [0, 1]) {
      const scale = value('weight', at) / Math.sqrt(value('running_var', at) + 1e-5);
      const expected = value('bias', at) + (bias[at]! - value('running_mean', at)) * scale;
      expect(model.tensors.get('conv1.bias')!.data[at]).toBeCloseTo(expected, 6);
    }
    expect(model.tensors.get('conv1.weight')).toEqual(plain.tensors.get('conv1.weight'));
  });

  it('gives one fingerprint whatever the names, the wrapper and the layout', async () => {
    const { fingerprint } = await readBytes(folder, unfused);
    const seed = (name: string): string =>
      name.replace('shortcut.0', 'shortcut_conv').replace('shortcut.1', 'shortcut_bn').replace('seg_1', 'fc');
    const variants = [
      renamed(weights, (name) => `resnet.${name}`),
      renamed(weights, (name) => `module.resnet.${name}`),
      renamed(weights, seed),
      toOhwi(renamed(weights, seed)),
      new Map([...weights, ['projection.weight', zeros(3, 5)], ['bn1.num_batches_tracked', zeros()]]),
      new Map([...renamed(weights, (name) => `resnet.${name}`), ['loss.weight', zeros(3, 5)]]),
    ];
    for (const variant of variants) {
      expect((await readBytes(folder, safetensorsFile(variant))).fingerprint).toBe(fingerprint);
    }
    const other = await readBytes(folder, safetensorsFile(makeWeights(TINY, 2)));
    expect(other.fingerprint).not.toBe(fingerprint);
  });

  it('counts what PyTorch counts for ResNet34-LM', () => {
    const config = { blocks: [3, 4, 6, 3], channels: 32, featureSize: 80, dimension: 256 } as const;
    // The sum over PyTorch's tensors with each BatchNorm (two vectors) merged into one bias, and the sum
    // over a hook on every convolution and linear layer of test/parity/resnet.py.
    expect(countParameters(config)).toBe(6_630_080);
    expect(countMultiplyAdds(config, 148)).toBe(3_367_372_800);
  });
});

describe('what is refused', () => {
  it.each([
    [
      'a missing tensor',
      without('layer2.0.bn2.bias'),
      'model-shape',
      /"layer2\.0\.bn2\.bias": expected \[4\], received none/,
    ],
    ['a missing block', without('layer2.1.conv1.weight'), 'model-shape', /"layer2\.1\.conv1\.weight"/],
    [
      'a missing stage',
      safetensorsFile(new Map([...weights].filter(([name]) => !name.startsWith('layer3')))),
      'model-shape',
      /layer3/,
    ],
    ['no embedding layer', without('seg_1.weight'), 'model-shape', /"embedding\.weight"/],
    [
      'a wrong shape',
      withTensor('layer1.0.conv2.weight', zeros(2, 3, 3, 3)),
      'model-shape',
      /expected \[2, 2, 3, 3\], received \[2, 3, 3, 3\]/,
    ],
    [
      'a wrong first convolution',
      withTensor('conv1.weight', zeros(2, 2, 3, 3)),
      'model-shape',
      /"conv1\.weight"/,
    ],
    [
      'a wrong embedding size',
      withTensor('seg_1.weight', zeros(5, 33)),
      'model-shape',
      /"embedding\.weight"/,
    ],
    [
      'a tensor of no network',
      withTensor('layer1.0.gate', zeros(1)),
      'model-unsupported',
      /"layer1\.0\.gate"/,
    ],
    [
      'one Bottleneck among BasicBlocks',
      withTensor('layer1.0.conv3.weight', zeros(8, 2, 1, 1)),
      'model-shape',
      /"embedding\.weight"/,
    ],
    [
      'a second embedding layer without its bias',
      withTensor('seg_2.weight', zeros(5, 5)),
      'model-shape',
      /"embedding\.bias"/,
    ],
    [
      'an attention of another column',
      withTensor('pool.linear1.weight', zeros(5, 5, 1)),
      'model-shape',
      /"attention1\.weight"/,
    ],
    ['another pooling', withTensor('pool.queries', zeros(5, 5, 1)), 'model-unsupported', /pooling/],
    ['two names for one tensor', withTensor('fc.weight', zeros(5, 64)), 'model-corrupt', /two tensors/],
    ['no network at all', safetensorsFile(new Map([['a', zeros(2)]])), 'model-unsupported', /conv1\.weight/],
    [
      'two networks',
      withTensor('teacher.conv1.weight', zeros(2, 1, 3, 3)),
      'model-unsupported',
      /several networks/,
    ],
    [
      'NaN',
      withTensor('seg_1.bias', { shape: [5], data: new Float32Array(5).fill(NaN) }),
      'model-corrupt',
      /NaN/,
    ],
    [
      'infinity',
      withTensor('seg_1.bias', { shape: [5], data: new Float32Array(5).fill(Infinity) }),
      'model-corrupt',
      /infinity/,
    ],
    [
      'a negative variance',
      withTensor('bn1.running_var', { shape: [2], data: Float32Array.of(-1, 1) }),
      'model-corrupt',
      /not finite once folded/,
    ],
  ])('%s', async (_, bytes, code, message) => {
    expect(await refusal(folder, bytes)).toEqual({ code, message: expect.stringMatching(message) as string });
  });

  it('a hostile tensor name cannot forge a line', async () => {
    const { message } = await refusal(folder, withTensor('layer1.0.x\nerror: all is well', zeros(1)));
    expect(message).not.toContain('\n');
  });
});
