import type { CanonicalModel, Tensor } from '../../src/model/types.js';
import { FLOAT, Graph } from './onnx-graph.js';

/** [O, kF, kT, I] to ONNX's [O, I, kF, kT]. */
function channelsFirst({ shape, data }: Tensor): Tensor {
  const [outputs, kernel, , inputs] = shape as [number, number, number, number];
  const taps = kernel * kernel;
  const turned = new Float32Array(data.length);
  for (let o = 0; o < outputs; o += 1) {
    for (let tap = 0; tap < taps; tap += 1) {
      for (let i = 0; i < inputs; i += 1)
        turned[(o * inputs + i) * taps + tap] = data[(o * taps + tap) * inputs + i]!;
    }
  }
  return { shape: [outputs, inputs, kernel, kernel], data: turned };
}

/** The network as WeSpeaker publishes it: feats [B, T, 80] to embs [B, dimension], BatchNorm folded. */
export function toOnnx(model: CanonicalModel): Uint8Array {
  const graph = new Graph();
  const { config, tensors } = model;
  const { attention } = config;
  const conv = (x: string, name: string, stride: number): string => {
    const weight = channelsFirst(tensors.get(`${name}.weight`)!);
    const kernel = weight.shape[2]!;
    const pad = kernel >> 1;
    const bias = tensors.get(`${name}.bias`)!;
    return graph.node(
      'Conv',
      [
        x,
        graph.tensor(`${name}.weight`, weight.shape, weight.data),
        graph.tensor(`${name}.bias`, bias.shape, bias.data),
      ],
      { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] },
    );
  };
  let x = graph.node('Unsqueeze', [graph.node('Transpose', ['feats'], { perm: [0, 2, 1] })], { axes: [1] });
  x = graph.node('Relu', [conv(x, 'conv1', 1)]);
  config.blocks.forEach((count, stage) => {
    for (let block = 0; block < count; block += 1) {
      const name = `layer${stage + 1}.${block}`;
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const shortcut = tensors.has(`${name}.shortcut.weight`) ? conv(x, `${name}.shortcut`, stride) : x;
      const isBottleneck = config.block === 'bottleneck';
      let y = graph.node('Relu', [conv(x, `${name}.conv1`, isBottleneck ? 1 : stride)]);
      y = conv(y, `${name}.conv2`, isBottleneck ? stride : 1);
      if (isBottleneck) y = conv(graph.node('Relu', [y]), `${name}.conv3`, 1);
      if (config.block === 'simam') y = simAm(graph, y);
      x = graph.node('Relu', [graph.node('Add', [y, shortcut])]);
    }
  });
  x = attention === undefined ? statistics(graph, x) : attentiveStatistics(graph, x, attention.kind, tensors);
  const linear = (input: string, name: string, output?: string): string => {
    const weight = tensors.get(`${name}.weight`)!;
    const bias = tensors.get(`${name}.bias`)!;
    const constants = [
      graph.tensor(`${name}.weight`, weight.shape, weight.data),
      graph.tensor(`${name}.bias`, bias.shape, bias.data),
    ];
    return graph.node('Gemm', [input, ...constants], { transB: 1 }, output);
  };
  if (config.hidden !== undefined) x = graph.node('Relu', [linear(x, 'hidden')]);
  linear(x, 'embedding', 'embs');
  // sherpa-onnx reads the network's kind and size from the metadata.
  return graph.file(
    { name: 'feats', sizes: ['B', 'T', config.featureSize] },
    { name: 'embs', sizes: ['B', config.dimension] },
    {
      framework: 'wespeaker',
      language: 'English',
      url: 'none',
      comment: model.name,
      sample_rate: '16000',
      output_dim: String(config.dimension),
      normalize_samples: '0',
      feature_normalize_type: 'global-mean',
    },
  );
}

const scalar = (graph: Graph, value: number): string =>
  graph.tensor(`scalar ${value}`, [1], Float32Array.of(value));

/** Sum over `axes` divided by one less than how many there are. */
function unbiased(
  graph: Graph,
  squares: string,
  x: string,
  axes: readonly number[],
  keepdims: 0 | 1,
): string {
  const sizes = axes.map((axis) =>
    graph.node('Gather', [graph.node('Shape', [x]), graph.scalar(`axis ${axis}`, BigInt(axis))], { axis: 0 }),
  );
  const count = sizes.reduce((a, b) => graph.node('Mul', [a, b]));
  const freedom = graph.node('Sub', [graph.node('Cast', [count], { to: FLOAT }), scalar(graph, 1)]);
  return graph.node('Div', [graph.node('ReduceSum', [squares], { axes, keepdims }), freedom]);
}

function simAm(graph: Graph, x: string): string {
  const axes = [2, 3];
  const away = graph.node('Sub', [x, graph.node('ReduceMean', [x], { axes, keepdims: 1 })]);
  const squares = graph.node('Mul', [away, away]);
  const variance = graph.node('Add', [unbiased(graph, squares, x, axes, 1), scalar(graph, 1e-4)]);
  const energy = graph.node('Div', [squares, graph.node('Mul', [variance, scalar(graph, 4)])]);
  return graph.node('Mul', [x, graph.node('Sigmoid', [graph.node('Add', [energy, scalar(graph, 0.5)])])]);
}

/** Means and deviations over time, flat: batch x 2 columns. */
function statistics(graph: Graph, x: string): string {
  const mean = graph.node('ReduceMean', [x], { axes: [3], keepdims: 1 });
  const centred = graph.node('Sub', [x, mean]);
  const variance = unbiased(graph, graph.node('Mul', [centred, centred]), x, [3], 0);
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, scalar(graph, 1e-7)])]);
  const flat = [graph.node('Squeeze', [mean], { axes: [3] }), deviation].map((part) =>
    graph.node('Flatten', [part], { axis: 1 }),
  );
  return graph.node('Concat', flat, { axis: 1 });
}

function attentiveStatistics(
  graph: Graph,
  maps: string,
  kind: 'ASTP' | 'ASP',
  tensors: CanonicalModel['tensors'],
): string {
  const { shape, data } = tensors.get('attention1.weight')!;
  const [units, column] = shape;
  const x = graph.node('Reshape', [maps, graph.list('columns', [0n, BigInt(column!), -1n])]);
  const first = [
    graph.tensor('attention1.weight', [units!, column!, 1], data),
    graph.tensor('attention1.bias', [units!], tensors.get('attention1.bias')!.data),
  ];
  let hidden = graph.node(kind === 'ASTP' ? 'Tanh' : 'Relu', [graph.node('Conv', [x, ...first])]);
  if (kind === 'ASP') {
    // Folded away in our form; those who read the file expect one.
    const ones = new Float32Array(units!).fill(1);
    const norm = [ones, new Float32Array(units!), new Float32Array(units!), ones.map(() => 1 - 1e-5)];
    hidden = graph.node('BatchNormalization', [
      hidden,
      ...norm.map((values, i) => graph.tensor(`attention1.norm.${i}`, [units!], values)),
    ]);
  }
  const second = graph.tensor(
    'attention2.weight',
    [column!, units!, 1],
    tensors.get('attention2.weight')!.data,
  );
  // Of opset 11 a softmax runs over all axes from its own on.
  const share = graph.node('Softmax', [graph.node('Conv', [hidden, second])], { axis: 2 });
  const sum = (value: string): string =>
    graph.node('ReduceSum', [graph.node('Mul', [share, value])], { axes: [2], keepdims: 1 });
  const mean = sum(x);
  const centred = graph.node('Sub', [x, mean]);
  const floor = scalar(graph, kind === 'ASTP' ? 1e-7 : 1e-5);
  const deviation = graph.node('Sqrt', [
    graph.node('Max', [sum(graph.node('Mul', [centred, centred])), floor]),
  ]);
  return graph.node('Squeeze', [graph.node('Concat', [mean, deviation], { axis: 1 })], { axes: [2] });
}
