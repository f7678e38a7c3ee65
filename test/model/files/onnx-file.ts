import { PbfWriter } from 'pbf';
import { floatBytes, type TestTensor } from './weights.js';

export interface TestNode {
  op: string;
  inputs: string[];
  outputs: string[];
  ints?: Record<string, number[]>;
  floats?: Record<string, number>;
}

export interface TestGraph {
  nodes: TestNode[];
  constants: Map<string, TestTensor>;
  output: string;
}

/**
 * The graph of an exported network whose BatchNorms stand as nodes: weights under WeSpeaker's names, one
 * Gemm, and a mean vector subtracted at the end.
 */
export function makeGraph(weights: ReadonlyMap<string, TestTensor>): TestGraph {
  const nodes: TestNode[] = [];
  const constants = new Map([...weights, ['mean_vec', { shape: [1], data: new Float32Array(1) }]]);
  const conv = (input: string, name: string, norm: string, stride: number): string => {
    const size = weights.get(`${name}.weight`)!.shape[2]!;
    const padding = (size - 1) / 2;
    nodes.push({
      op: 'Conv',
      inputs: [input, `${name}.weight`],
      outputs: [`${name}.out`],
      ints: {
        kernel_shape: [size, size],
        pads: [padding, padding, padding, padding],
        strides: [stride, stride],
        dilations: [1, 1],
      },
    });
    const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${norm}.${part}`);
    nodes.push({
      op: 'BatchNormalization',
      inputs: [`${name}.out`, ...parts],
      outputs: [`${norm}.out`],
      floats: { epsilon: Math.fround(1e-5) },
    });
    return `${norm}.out`;
  };
  const apply = (op: string, inputs: string[], output: string): string => {
    nodes.push({ op, inputs, outputs: [output] });
    return output;
  };
  nodes.push({ op: 'Transpose', inputs: ['feats'], outputs: ['turned'], ints: { perm: [0, 2, 1] } });
  let at = apply('Relu', [conv(apply('Unsqueeze', ['turned'], 'image'), 'conv1', 'bn1', 1)], 'stem');
  for (let stage = 1; stage <= 4; stage++) {
    for (let block = 0; weights.has(`layer${stage}.${block}.conv1.weight`); block++) {
      const name = `layer${stage}.${block}`;
      const stride = stage > 1 && block === 0 ? 2 : 1;
      const middle = apply('Relu', [conv(at, `${name}.conv1`, `${name}.bn1`, stride)], `${name}.middle`);
      const main = conv(middle, `${name}.conv2`, `${name}.bn2`, 1);
      const side = weights.has(`${name}.shortcut.0.weight`)
        ? conv(at, `${name}.shortcut.0`, `${name}.shortcut.1`, stride)
        : at;
      at = apply('Relu', [apply('Add', [main, side], `${name}.sum`)], `${name}.out`);
    }
  }
  const mean = apply('ReduceMean', [at], 'mean');
  const deviation = apply('Sqrt', [apply('ReduceSum', [at], 'variance')], 'deviation');
  const pooled = apply('Concat', [mean, deviation], 'pooled');
  nodes.push({
    op: 'Gemm',
    inputs: [pooled, 'seg_1.weight', 'seg_1.bias'],
    outputs: ['raw'],
    ints: { transB: [1] },
  });
  apply('Sub', ['raw', 'mean_vec'], 'embs');
  return { nodes, constants, output: 'embs' };
}

/** Serialise by the field numbers of onnx.proto. */
export function onnxFile({ nodes, constants, output }: TestGraph): Uint8Array {
  const file = new PbfWriter();
  file.writeVarintField(1, 7);
  file.writeMessage(
    7,
    (graph: TestGraph, pbf) => {
      for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
      for (const constant of constants) pbf.writeMessage(5, writeTensor, constant);
      pbf.writeMessage(
        12,
        (name: string, info) => {
          info.writeStringField(1, name);
        },
        output,
      );
    },
    { nodes, constants, output },
  );
  return file.finish();
}

function writeNode(node: TestNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(4, node.op);
  for (const [name, ints] of Object.entries(node.ints ?? {})) {
    pbf.writeMessage(
      5,
      (values: number[], attribute) => {
        attribute.writeStringField(1, name);
        // transB and its like are single numbers.
        if (values.length === 1) attribute.writeVarintField(3, values[0]!);
        else for (const value of values) attribute.writeVarintField(8, value);
      },
      ints,
    );
  }
  for (const [name, float] of Object.entries(node.floats ?? {})) {
    pbf.writeMessage(
      5,
      (value: number, attribute) => {
        attribute.writeStringField(1, name);
        attribute.writeFloatField(2, value);
      },
      float,
    );
  }
}

function writeTensor([name, { shape, data }]: [string, TestTensor], pbf: PbfWriter): void {
  pbf.writePackedVarint(1, [...shape]);
  pbf.writeVarintField(2, 1);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, floatBytes(data));
}
