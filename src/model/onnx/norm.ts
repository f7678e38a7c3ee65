import { BATCH_NORM_EPSILON } from '../fold.js';
import { unsupported } from '../fault.js';
import type { RawTensor } from '../raw.js';
import type { GraphView } from './graph.js';
import type { OnnxNode } from './proto.js';

/** A BatchNormalization's four vectors, as `NAME.{weight,bias,running_mean,running_var}`. */
export function readNorm(
  view: GraphView,
  node: OnnxNode,
  name: string,
  tensors: Map<string, RawTensor>,
): void {
  const epsilon = node.attributes.get('epsilon')?.float ?? BATCH_NORM_EPSILON;
  if (Math.abs(epsilon - BATCH_NORM_EPSILON) > 1e-9) {
    throw unsupported(view.label, `${name} has epsilon ${epsilon}; expected ${BATCH_NORM_EPSILON}`);
  }
  for (const [index, part] of ['weight', 'bias', 'running_mean', 'running_var'].entries()) {
    const tensor = view.constant(node, index + 1);
    if (!tensor) throw unsupported(view.label, `${name}.${part} is computed by the graph`);
    tensors.set(`${name}.${part}`, tensor);
  }
}
