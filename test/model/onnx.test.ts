import { describe, expect, it } from 'vitest';
import { makeGraph, onnxFile, type TestGraph } from './files/onnx-file.js';
import { readBytes, refusal, testFolder } from './files/folder.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights } from './files/weights.js';

const folder = testFolder();
const weights = makeWeights();
const node = (graph: TestGraph, output: string): TestGraph['nodes'][number] =>
  graph.nodes.find((each) => each.outputs[0] === output)!;

/** The exported network after an edit. */
function edited(edit: (graph: TestGraph) => void): Uint8Array {
  const graph = makeGraph(weights);
  edit(graph);
  return onnxFile(graph);
}

describe('ONNX', () => {
  it('tells tensors by their place: names do not matter', async () => {
    const { fingerprint } = await readBytes(folder, safetensorsFile(weights));
    expect((await readBytes(folder, onnxFile(makeGraph(weights)))).fingerprint).toBe(fingerprint);
    const anonymous = edited((graph) => {
      const numbers = new Map([...graph.constants.keys()].map((name, i) => [name, String(i)]));
      for (const each of graph.nodes) each.inputs = each.inputs.map((name) => numbers.get(name) ?? name);
      graph.constants = new Map([...graph.constants].map(([name, tensor]) => [numbers.get(name)!, tensor]));
    });
    expect((await readBytes(folder, anonymous)).fingerprint).toBe(fingerprint);
    const wrapped = edited((graph) => {
      graph.nodes.push({ op: 'Identity', inputs: ['stem.real'], outputs: ['stem'] });
      node(graph, 'stem').outputs = ['stem.real'];
      graph.nodes.at(-1)!.outputs = ['stem'];
    });
    expect((await readBytes(folder, wrapped)).fingerprint).toBe(fingerprint);
  });

  it('subtracts the mean vector from the bias', async () => {
    const bytes = edited((graph) => {
      graph.constants.set('mean_vec', { shape: [5], data: Float32Array.of(1, 2, 3, 4, 5) });
    });
    const bias = (await readBytes(folder, bytes)).tensors.get('embedding.bias')!.data;
    const plain = weights.get('seg_1.bias')!.data;
    expect([...bias]).toEqual([1, 2, 3, 4, 5].map((mean, i) => Math.fround(plain[i]! - mean)));
  });

  it.each([
    [
      'another stride',
      edited((g) => {
        node(g, 'layer2.0.conv2.out').ints!['strides'] = [2, 2];
      }),
      'model-unsupported',
      /layer2\.0\.conv2: expected padding 1 and stride 1/,
    ],
    [
      'another padding',
      edited((g) => {
        node(g, 'conv1.out').ints!['pads'] = [0, 0, 0, 0];
      }),
      'model-unsupported',
      /conv1: expected padding 1/,
    ],
    [
      'another epsilon',
      edited((g) => {
        node(g, 'bn1.out').floats!['epsilon'] = 1e-3;
      }),
      'model-unsupported',
      /epsilon/,
    ],
    [
      'another activation',
      edited((g) => {
        node(g, 'layer1.0.middle').op = 'PRelu';
      }),
      'model-unsupported',
      /PRelu where .* Relu/,
    ],
    [
      'a block without its shortcut',
      edited((g) => {
        node(g, 'layer1.0.sum').inputs[1] = 'mean_vec';
      }),
      'model-unsupported',
      /does not add its input/,
    ],
    [
      'an input that is not turned',
      edited((g) => {
        node(g, 'turned').ints!['perm'] = [0, 1, 2];
      }),
      'model-unsupported',
      /not turned/,
    ],
    [
      'a second linear layer',
      edited((g) => {
        node(g, 'embs').op = 'Gemm';
        node(g, 'embs').inputs = ['raw', 'seg_1.weight'];
      }),
      'model-unsupported',
      /Gemm where .* Relu/,
    ],
    [
      'pooling without deviation',
      edited((g) => {
        node(g, 'deviation').op = 'Abs';
      }),
      'model-unsupported',
      /standard deviation/,
    ],
    [
      'something after the embedding',
      edited((g) => {
        node(g, 'embs').op = 'Mul';
      }),
      'model-unsupported',
      /Mul after/,
    ],
    [
      'no convolution',
      edited((g) => {
        for (const each of g.nodes) if (each.op === 'Conv') each.op = 'Swish';
      }),
      'model-unsupported',
      /no convolution/,
    ],
    [
      'convolutions elsewhere',
      edited((g) => {
        g.nodes.push({ op: 'Conv', inputs: ['mean', 'conv1.weight'], outputs: ['x'] });
      }),
      'model-unsupported',
      /outside the residual blocks/,
    ],
    [
      'a circle',
      edited((g) => {
        node(g, 'layer4.0.out').outputs = ['layer3.0.out'];
      }),
      'model-unsupported',
      /circle|where a WeSpeaker/,
    ],
    [
      'Identity nodes in a circle',
      edited((g) => {
        g.nodes.push(
          { op: 'Identity', inputs: ['p'], outputs: ['q'] },
          { op: 'Identity', inputs: ['q'], outputs: ['p'] },
        );
        node(g, 'conv1.out').inputs[0] = 'p';
      }),
      'model-unsupported',
      /not turned/,
    ],
    [
      'a tensor whose bytes do not match its shape',
      edited((g) => {
        g.constants.set('bn1.bias', { shape: [2 ** 31, 2 ** 21], data: new Float32Array(2) });
      }),
      'model-corrupt',
      /has 8 bytes/,
    ],
    [
      'a missing weight',
      edited((g) => {
        g.constants.delete('layer1.0.conv1.weight');
      }),
      'model-unsupported',
      /neither|computed/,
    ],
  ])('refuses %s', async (_, bytes, code, message) => {
    expect(await refusal(folder, bytes)).toEqual({ code, message: expect.stringMatching(message) as string });
  });

  it('a cut or damaged file is refused, never a fault of ours', async () => {
    const file = onnxFile(makeGraph(weights));
    for (let length = 20; length < file.length; length += 997) {
      expect((await refusal(folder, file.subarray(0, length))).code).toBe('model-corrupt');
    }
    for (let at = 2; at < file.length; at += 131) {
      const damaged = new Uint8Array(file);
      damaged[at]! ^= 0x85;
      await readBytes(folder, damaged).catch((error: unknown) => {
        expect((error as { code?: string }).code).toMatch(/^model-/);
      });
    }
  });
});
