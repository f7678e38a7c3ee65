import { unsupported } from '../fault.js';
import type { RawTensor } from '../raw.js';
import type { GraphView } from './graph.js';
import { readNorm } from './norm.js';
import type { OnnxNode } from './proto.js';

export interface ReadAttention {
  readonly kind: 'ASTP' | 'ASP';
  readonly convs: readonly OnnxNode[];
}

/**
 * The two convolutions over time, of kernel 1, that weigh steps in attentive pooling: conv, tanh, conv, softmax (ASTP), or
 * conv, relu, BatchNorm, conv, softmax (ASP). Adds `attention1`, `attention1.norm` and `attention2`. Undefined where the
 * graph has none.
 *
 * @param maps the value that is pooled
 */
export function readAttention(
  view: GraphView,
  maps: string,
  tensors: Map<string, RawTensor>,
): ReadAttention | undefined {
  const columns = view.users(maps).filter(({ op }) => op === 'Reshape' || op === 'Flatten');
  const first = columns
    .flatMap(({ outputs }) => view.users(outputs[0]!))
    .find((node) => node.op === 'Conv' && view.constant(node, 1)?.shape.length === 3);
  if (!first) return undefined;
  take(view, first, 'attention1', tensors);
  const [activation, ...others] = view.users(first.outputs[0]!);
  if (others.length > 0 || (activation?.op !== 'Tanh' && activation?.op !== 'Relu')) {
    throw unsupported(view.label, 'the attention of the pooling has neither a tanh nor a ReLU');
  }
  let at = activation.outputs[0]!;
  const kind = activation.op === 'Tanh' ? 'ASTP' : 'ASP';
  if (kind === 'ASP') {
    const norm = view.only(at, 'BatchNormalization');
    readNorm(view, norm, 'attention1.norm', tensors);
    at = norm.outputs[0]!;
  }
  const second = view.only(at, 'Conv');
  take(view, second, 'attention2', tensors);
  const softmax = view.only(second.outputs[0]!, 'Softmax');
  const axis = softmax.attributes.get('axis')?.int ?? 1;
  if (axis !== 2 && axis !== -1) throw unsupported(view.label, `a softmax over axis ${axis}; expected time`);
  return { kind, convs: [first, second] };
}

function take(view: GraphView, conv: OnnxNode, name: string, tensors: Map<string, RawTensor>): void {
  const weight = view.constant(conv, 1);
  const bias = view.constant(conv, 2);
  if (weight?.shape.length !== 3 || weight.shape[2] !== 1) {
    throw unsupported(view.label, `${name} is not a convolution over time of kernel 1`);
  }
  tensors.set(`${name}.weight`, weight);
  if (bias) tensors.set(`${name}.bias`, bias);
  else if (name === 'attention1') {
    tensors.set(`${name}.bias`, {
      shape: [weight.shape[0]!],
      read: () => new Float32Array(weight.shape[0]!),
    });
  }
}
