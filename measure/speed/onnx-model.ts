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
      const inner = graph.node('Relu', [conv(x, `${name}.conv1`, stride)]);
      const shortcut = tensors.has(`${name}.shortcut.weight`) ? conv(x, `${name}.shortcut`, stride) : x;
      x = graph.node('Relu', [graph.node('Add', [conv(inner, `${name}.conv2`, 1), shortcut])]);
    }
  });
  const mean = graph.node('ReduceMean', [x], { axes: [3], keepdims: 1 });
  const centred = graph.node('Sub', [x, mean]);
  const squares = graph.node('ReduceSum', [graph.node('Mul', [centred, centred])], {
    axes: [3],
    keepdims: 0,
  });
  const steps = graph.node('Gather', [graph.node('Shape', [x]), graph.scalar('three', 3n)], { axis: 0 });
  const freedom = graph.node('Cast', [graph.node('Sub', [steps, graph.scalar('one', 1n)])], { to: FLOAT });
  const floor = graph.tensor('floor', [1], Float32Array.of(1e-7));
  const deviation = graph.node('Sqrt', [graph.node('Add', [graph.node('Div', [squares, freedom]), floor])]);
  const flat = [graph.node('Squeeze', [mean], { axes: [3] }), deviation].map((part) =>
    graph.node('Flatten', [part], { axis: 1 }),
  );
  const weight = tensors.get('embedding.weight')!;
  const bias = tensors.get('embedding.bias')!;
  graph.node(
    'Gemm',
    [
      graph.node('Concat', flat, { axis: 1 }),
      graph.tensor('embedding.weight', weight.shape, weight.data),
      graph.tensor('embedding.bias', bias.shape, bias.data),
    ],
    { transB: 1 },
    'embs',
  );
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
