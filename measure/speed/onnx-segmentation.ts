import type { SegmentationWeights } from '../../src/model/index.js';
import { SEGMENTATION } from '../../src/model/segmentation/plan.js';
import { sincFilters } from '../../src/model/segmentation/sinc-filters.js';
import { Graph } from './onnx-graph.js';

/** PyTorch's gates i, f, g, o in ONNX's order i, o, f, c. */
const GATES = [0, 3, 1, 2];

/** The segmentation network in floats: x [N, 1, T] to y [N, frames, 7], its filters computed, as a good export has it. */
export function segmentationToOnnx({ tensors }: SegmentationWeights): Uint8Array {
  const graph = new Graph();
  const { filters, filterTaps, units, layers } = SEGMENTATION;
  const data = (name: string): Float32Array => tensors.get(name)!.data;
  const add = (name: string): string => graph.tensor(name, tensors.get(name)!.shape, data(name));
  const norm = (x: string, name: string): string =>
    graph.node('InstanceNormalization', [x, add(`${name}.weight`), add(`${name}.bias`)], {
      epsilon: { float: 1e-5 },
    });
  const leaky = (x: string): string => graph.node('LeakyRelu', [x], { alpha: { float: 0.01 } });

  const bank = 'sincnet.conv1d.0.filterbank';
  const [low, band, window] = ['low_hz_', 'band_hz_', 'window_'].map((part) => data(`${bank}.${part}`));
  const sinc = sincFilters({ low: low!, band: band!, window: window! });
  let x = norm('x', 'sincnet.wav_norm1d');
  for (const i of [0, 1, 2]) {
    const weight =
      i === 0
        ? [graph.tensor('filters', [filters, 1, filterTaps], sinc)]
        : ['weight', 'bias'].map((part) => add(`sincnet.conv1d.${i}.${part}`));
    x = graph.node('Conv', [x, ...weight], { strides: [i === 0 ? 10 : 1] });
    if (i === 0) x = graph.node('Abs', [x]);
    x = leaky(norm(graph.node('MaxPool', [x], { kernel_shape: [3], strides: [3] }), `sincnet.norm1d.${i}`));
  }
  x = graph.node('Transpose', [x], { perm: [2, 0, 1] });
  const merged = graph.list('merged', [0n, 0n, BigInt(2 * units)]);
  for (let layer = 0; layer < layers; layer += 1) {
    const both = (kind: string): Float32Array =>
      Float32Array.from(['', '_reverse'].flatMap((end) => inOnnxOrder(data(`lstm.${kind}_l${layer}${end}`))));
    const biases = ['', '_reverse'].flatMap((end) =>
      ['bias_ih', 'bias_hh'].flatMap((kind) => inOnnxOrder(data(`lstm.${kind}_l${layer}${end}`))),
    );
    const inputs = tensors.get(`lstm.weight_ih_l${layer}`)!.shape[1]!;
    const y = graph.node(
      'LSTM',
      [
        x,
        graph.tensor(`w${layer}`, [2, 4 * units, inputs], both('weight_ih')),
        graph.tensor(`r${layer}`, [2, 4 * units, units], both('weight_hh')),
        graph.tensor(`b${layer}`, [2, 8 * units], Float32Array.from(biases)),
      ],
      { hidden_size: units, direction: 'bidirectional' },
    );
    // [steps, directions, batch, units] to [steps, batch, 2 x units]
    x = graph.node('Reshape', [graph.node('Transpose', [y], { perm: [0, 2, 1, 3] }), merged]);
  }
  x = graph.node('Transpose', [x], { perm: [1, 0, 2] });
  const linear = (name: string): string => {
    const [rows, columns] = tensors.get(`${name}.weight`)!.shape as [number, number];
    const weight = data(`${name}.weight`);
    const turned = Float32Array.from(weight, (_, i) => weight[(i % rows) * columns + Math.floor(i / rows)]!);
    const product = graph.node('MatMul', [x, graph.tensor(`${name}.weight`, [columns, rows], turned)]);
    return graph.node('Add', [product, add(`${name}.bias`)]);
  };
  x = leaky(linear('linear.0'));
  x = leaky(linear('linear.1'));
  graph.node('LogSoftmax', [linear('classifier')], { axis: 2 }, 'y');
  return graph.file({ name: 'x', sizes: ['N', 1, 'T'] }, { name: 'y', sizes: ['N', 'F', 7] });
}

function inOnnxOrder(values: Float32Array): number[] {
  const each = values.length / 4;
  return GATES.flatMap((gate) => [...values.subarray(gate * each, (gate + 1) * each)]);
}
