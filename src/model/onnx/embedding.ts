import { gatherStrided } from '../dtype.js';
import { formatShape, quote, unsupported } from '../fault.js';
import type { RawTensor } from '../raw.js';
import type { GraphView } from './graph.js';
import type { OnnxNode } from './proto.js';

/**
 * The one linear layer at the end (Gemm, or MatMul and Add), and the constant that is added to or
 * subtracted from its output, up to the graph's output. Adds `embedding.weight` and `embedding.bias`.
 */
export function readEmbedding(view: GraphView, tensors: Map<string, RawTensor>): void {
  const layers = view.graph.nodes.filter(
    ({ op }, i) => (op === 'Gemm' || op === 'MatMul') && weightOf(view, view.graph.nodes[i]!) !== undefined,
  );
  if (layers.length !== 1) {
    throw unsupported(
      view.label,
      `${layers.length} linear layers after the pooling; expected one embedding layer`,
    );
  }
  if (!view.graph.nodes.some(({ op }) => op === 'Sqrt' || op === 'Pow' || op === 'ReduceL2')) {
    throw unsupported(
      view.label,
      'the pooling takes no standard deviation; only statistics pooling (TSTP) is supported',
    );
  }
  const layer = layers[0]!;
  const weight = weightOf(view, layer)!;
  tensors.set('embedding.weight', weight);
  tensors.set('embedding.bias', readBias(view, layer, weight.shape[0]!));
}

/** The weight as [dimension, pooled], whichever way round the graph keeps it. */
function weightOf(view: GraphView, layer: OnnxNode): RawTensor | undefined {
  let transposed = layer.op === 'MatMul' || (layer.attributes.get('transB')?.int ?? 0) === 0;
  let tensor = view.constant(layer, 1);
  const maker = layer.inputs[1] === undefined ? undefined : view.maker(layer.inputs[1]);
  if (!tensor && maker?.op === 'Transpose') {
    tensor = view.constant(maker, 0);
    transposed = !transposed;
  }
  if (tensor?.shape.length !== 2) return undefined;
  return transposed ? transpose(tensor) : tensor;
}

function transpose({ shape, read }: RawTensor): RawTensor {
  const [rows, columns] = shape as [number, number];
  const turned = [columns, rows];
  return {
    shape: turned,
    read: () => {
      const values = read();
      return values instanceof Float32Array
        ? gatherStrided(values, turned, [1, columns], new Float32Array(values.length))
        : gatherStrided(values, turned, [1, columns], new Float64Array(values.length));
    },
  };
}

function readBias(view: GraphView, layer: OnnxNode, dimension: number): RawTensor {
  const terms: { tensor: RawTensor; sign: 1 | -1 }[] = [];
  for (const scale of ['alpha', 'beta']) {
    const factor = layer.attributes.get(scale)?.float ?? 1;
    if (factor !== 1) throw unsupported(view.label, `the last layer has ${scale} ${factor}; expected 1`);
  }
  const own = layer.op === 'Gemm' ? view.constant(layer, 2) : undefined;
  if (own) terms.push({ tensor: own, sign: 1 });
  let at = layer.outputs[0]!;
  for (let users = view.users(at); users.length > 0; users = view.users(at)) {
    const next = users[0]!;
    const sign = next.op === 'Add' ? 1 : -1;
    const index = next.op === 'Add' && view.constant(next, 0) ? 0 : 1;
    const tensor = view.constant(next, index);
    if (users.length !== 1 || !tensor || (next.op !== 'Add' && next.op !== 'Sub') || terms.length > 3) {
      throw unsupported(
        view.label,
        `${next.op} after the embedding layer; expected the output ${quote('embs')}`,
      );
    }
    terms.push({ tensor, sign });
    at = next.outputs[0]!;
  }
  for (const { tensor } of terms) {
    const count = tensor.shape.reduce((a, b) => a * b, 1);
    // A scalar is broadcast: exporters shrink a mean vector of zeros to 0.0.
    if (count !== dimension && count !== 1) {
      throw unsupported(view.label, `a bias of shape ${formatShape(tensor.shape)} on ${dimension} outputs`);
    }
  }
  return {
    shape: [dimension],
    read: () => {
      const bias = new Float64Array(dimension);
      for (const { tensor, sign } of terms) {
        const values = tensor.read();
        for (let i = 0; i < dimension; i++) bias[i]! += sign * values[values.length === 1 ? 0 : i]!;
      }
      return bias;
    },
  };
}
