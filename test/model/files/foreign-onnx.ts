import { Graph, INT64, type Value } from '../../../measure/speed/onnx-graph.js';

export interface ForeignOptions {
  readonly input?: Value;
  readonly others?: readonly Value[];
  readonly outputs?: readonly Value[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly dimension?: number;
  /** Numbers in a step of the input. */
  readonly bins?: number;
  /** Axis of time, of the input. */
  readonly time?: 1 | 2;
  /** A node more, before the others. */
  readonly op?: string;
  /** What every weight is multiplied by. */
  readonly gain?: number;
  /** The weights are in another file. */
  readonly isExternal?: boolean;
}

export const FRAMES_80: Value = { name: 'x', sizes: ['N', 'T', 80] };
export const KALDI = { framework: '3d-speaker', sample_rate: '16000', normalize_samples: '1' };

/** The weights of `foreignOnnx`: bins x dimension. */
export function foreignWeights({ bins = 80, dimension = 6, gain = 1 }: ForeignOptions): Float32Array {
  return Float32Array.from({ length: bins * dimension }, (_, i) => gain * Math.sin(i * 1.3 + 0.2));
}

/** A network of no family: the mean over time of each bin's square, then a linear layer. */
export function foreignOnnx(options: ForeignOptions = {}): Uint8Array {
  const { bins = 80, dimension = 6, time = 1, others = [], op } = options;
  const input = options.input ?? FRAMES_80;
  const outputs = options.outputs ?? [{ name: 'embedding', sizes: ['N', dimension] }];
  const graph = new Graph();
  let x = op === undefined ? input.name : graph.node(op, [input.name]);
  x = graph.node('ReduceMean', [graph.node('Mul', [x, x])], { axes: [time], keepdims: 0 });
  if (bins === 1) x = graph.node('Reshape', [x, graph.list('column', [-1n, 1n])]);
  const weight =
    options.isExternal === true
      ? graph.externalTensor('weight', [bins, dimension])
      : graph.tensor('weight', [bins, dimension], foreignWeights(options));
  for (const { name } of outputs) graph.node('MatMul', [x, weight], {}, name);
  return graph.file([input, ...others], outputs, options.metadata ?? KALDI);
}

export const LENGTHS: Value = { name: 'length', sizes: ['N'], type: INT64 };
