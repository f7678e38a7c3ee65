import { PbfWriter } from 'pbf';
import type { CanonicalModel, Tensor } from '../../src/model/types.js';

/** Field numbers are those of onnx.proto. */
type Attribute = number | readonly number[];
const OPSET = 11;
const FLOAT = 1;
const INT64 = 7;

class Graph {
  readonly #nodes: ((pbf: PbfWriter) => void)[] = [];
  readonly #tensors: ((pbf: PbfWriter) => void)[] = [];
  #count = 0;

  tensor(name: string, shape: readonly number[], data: Float32Array): string {
    this.#tensors.push((pbf) => {
      for (const size of shape) pbf.writeVarintField(1, size);
      pbf.writeVarintField(2, FLOAT);
      pbf.writeStringField(8, name);
      pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    });
    return name;
  }

  scalar(name: string, value: bigint): string {
    this.#tensors.push((pbf) => {
      pbf.writeVarintField(2, INT64);
      pbf.writeStringField(8, name);
      pbf.writeBytesField(9, new Uint8Array(BigInt64Array.of(value).buffer));
    });
    return name;
  }

  node(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    output?: string,
  ): string {
    const result = output ?? `t${(this.#count += 1)}`;
    this.#nodes.push((pbf) => {
      for (const input of inputs) pbf.writeStringField(1, input);
      pbf.writeStringField(2, result);
      pbf.writeStringField(4, type);
      for (const [name, value] of Object.entries(attributes))
        pbf.writeMessage(5, writeAttribute, { name, value });
    });
    return result;
  }

  write(pbf: PbfWriter, featureSize: number, dimension: number): void {
    for (const node of this.#nodes)
      pbf.writeMessage(
        1,
        (_, inner) => {
          node(inner);
        },
        undefined,
      );
    pbf.writeStringField(2, 'resnet');
    for (const tensor of this.#tensors)
      pbf.writeMessage(
        5,
        (_, inner) => {
          tensor(inner);
        },
        undefined,
      );
    pbf.writeMessage(11, writeValueInfo, { name: 'feats', sizes: ['B', 'T', featureSize] });
    pbf.writeMessage(12, writeValueInfo, { name: 'embs', sizes: ['B', dimension] });
  }
}

function writeAttribute({ name, value }: { name: string; value: Attribute }, pbf?: PbfWriter): void {
  pbf!.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf!.writeVarintField(3, value);
    pbf!.writeVarintField(20, 2);
  } else {
    for (const item of value) pbf!.writeVarintField(8, item);
    pbf!.writeVarintField(20, 7);
  }
}

function writeValueInfo(
  { name, sizes }: { name: string; sizes: readonly (string | number)[] },
  pbf?: PbfWriter,
): void {
  const writeDim = (size: string | number, inner?: PbfWriter): void => {
    if (typeof size === 'number') inner!.writeVarintField(1, size);
    else inner!.writeStringField(2, size);
  };
  const writeShape = (_: unknown, inner?: PbfWriter): void => {
    for (const size of sizes) inner!.writeMessage(1, writeDim, size);
  };
  const writeTensorType = (_: unknown, inner?: PbfWriter): void => {
    inner!.writeVarintField(1, FLOAT);
    inner!.writeMessage(2, writeShape, undefined);
  };
  const writeType = (_: unknown, inner?: PbfWriter): void => {
    inner!.writeMessage(1, writeTensorType, undefined);
  };
  pbf!.writeStringField(1, name);
  pbf!.writeMessage(2, writeType, undefined);
}

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
  return writeModel(graph, model);
}

/** sherpa-onnx reads the network's kind and size from the metadata. */
function writeModel(graph: Graph, model: CanonicalModel): Uint8Array {
  const metadata = {
    framework: 'wespeaker',
    language: 'English',
    url: 'none',
    comment: model.name,
    sample_rate: '16000',
    output_dim: String(model.config.dimension),
    normalize_samples: '0',
    feature_normalize_type: 'global-mean',
  };
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 7);
  pbf.writeStringField(2, 'whospeaks-bench');
  pbf.writeMessage(
    7,
    (_, inner) => {
      graph.write(inner, model.config.featureSize, model.config.dimension);
    },
    undefined,
  );
  pbf.writeMessage(
    8,
    (_, inner) => {
      inner.writeVarintField(2, OPSET);
    },
    undefined,
  );
  for (const [key, value] of Object.entries(metadata)) {
    pbf.writeMessage(
      14,
      (_, inner) => {
        inner.writeStringField(1, key);
        inner.writeStringField(2, value);
      },
      undefined,
    );
  }
  return pbf.finish();
}
