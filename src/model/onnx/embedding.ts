import { gatherStrided } from '../dtype.js';
import { formatShape, quote, unsupported } from '../fault.js';
import type { RawTensor } from '../raw.js';
import type { GraphView } from './graph.js';
import { readNorm } from './norm.js';
import type { OnnxNode } from './proto.js';

/**
 * The linear layer at the end (Gemm, or MatMul and Add), and the constant that is added to or subtracted from its output,
 * up to the graph's output; before it there may be another one with a ReLU and a BatchNorm. Adds `embedding.{weight,bias}`,
 * and of the other one `hidden.{weight,bias}` and `hidden.norm`.
 */
export function readEmbedding(view: GraphView, tensors: Map<string, RawTensor>): void {
  const layers = view.graph.nodes.filter(
    ({ op }, i) => (op === 'Gemm' || op === 'MatMul') && weightOf(view, view.graph.nodes[i]!) !== undefined,
  );
  if (layers.length !== 1 && layers.length !== 2) {
    throw unsupported(
      view.label,
      `${layers.length} linear layers after the pooling; expected one embedding layer, or two`,
    );
  }
  if (!view.graph.nodes.some(({ op }) => op === 'Sqrt' || op === 'Pow' || op === 'ReduceL2')) {
    throw unsupported(
      view.label,
      'the pooling takes no standard deviation; only statistics pooling (TSTP) is supported',
    );
  }
  const last = layers.at(-1)!;
  if (layers.length === 2) readHidden(view, layers[0]!, last, tensors);
  readLast(view, last, tensors);
}

function readLast(view: GraphView, layer: OnnxNode, tensors: Map<string, RawTensor>): void {
  const weight = weightOf(view, layer)!;
  const terms = ownBias(view, layer);
  const end = addTerms(view, layer.outputs[0]!, terms);
  const [next] = view.users(end);
  if (next !== undefined) {
    throw unsupported(
      view.label,
      `${next.op} after the embedding layer; expected the output ${quote('embs')}`,
    );
  }
  tensors.set('embedding.weight', weight);
  tensors.set('embedding.bias', sumOf(view, terms, weight.shape[0]!));
}

/** The first of two layers, and the ReLU and the BatchNorm that stand between them. */
function readHidden(view: GraphView, layer: OnnxNode, last: OnnxNode, tensors: Map<string, RawTensor>): void {
  const weight = weightOf(view, layer)!;
  const terms = ownBias(view, layer);
  const relu = view.only(addTerms(view, layer.outputs[0]!, terms), 'Relu');
  const [norm] = view.users(relu.outputs[0]!);
  let end = relu.outputs[0]!;
  if (norm?.op === 'BatchNormalization') {
    readNorm(view, norm, 'hidden.norm', tensors);
    end = norm.outputs[0]!;
  }
  if (view.origin(last.inputs[0]!) !== view.origin(end)) {
    throw unsupported(view.label, 'the second embedding layer does not read the first');
  }
  tensors.set('hidden.weight', weight);
  tensors.set('hidden.bias', sumOf(view, terms, weight.shape[0]!));
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

/** A constant that is added to a layer's output, or taken off. */
interface Term {
  readonly tensor: RawTensor;
  readonly sign: 1 | -1;
}

function ownBias(view: GraphView, layer: OnnxNode): Term[] {
  for (const scale of ['alpha', 'beta']) {
    const factor = layer.attributes.get(scale)?.float ?? 1;
    if (factor !== 1) throw unsupported(view.label, `the last layer has ${scale} ${factor}; expected 1`);
  }
  const own = layer.op === 'Gemm' ? view.constant(layer, 2) : undefined;
  return own ? [{ tensor: own, sign: 1 }] : [];
}

/** Collect the constants that are added to `value` after one another; returns the value that they end in. */
function addTerms(view: GraphView, value: string, terms: Term[]): string {
  let at = value;
  while (terms.length <= 3) {
    const [next, ...others] = view.users(at);
    if (next === undefined || others.length > 0 || (next.op !== 'Add' && next.op !== 'Sub')) break;
    const index = next.op === 'Add' && view.constant(next, 0) ? 0 : 1;
    const tensor = view.constant(next, index);
    if (!tensor) break;
    terms.push({ tensor, sign: next.op === 'Add' ? 1 : -1 });
    at = next.outputs[0]!;
  }
  return at;
}

function sumOf(view: GraphView, terms: readonly Term[], dimension: number): RawTensor {
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
