import { unsupported } from '../fault.js';
import type { GraphView } from './graph.js';
import type { OnnxNode } from './proto.js';

/** What computes how far a value lies from its channel's mean, and how many values there are. */
const OPS = new Set(
  'Add Cast Concat Constant Div Gather GlobalAveragePool Mul Pow ReduceMean ReduceSum Shape Slice Squeeze Sub Unsqueeze'.split(
    ' ',
  ),
);
/** lambda, and the offset inside the sigmoid. */
const CONSTANTS = [1e-4, 0.5];

/**
 * The value after SimAM, x * sigmoid(...), where that is what follows `x`; else `x` itself. Its constants are checked, its
 * arithmetic is taken to be the usual one, which exporters spell in many ways. Throws `model-unsupported` where a sigmoid
 * of something else stands there.
 */
export function afterSimAm(view: GraphView, x: string, block: string): string {
  const origin = view.origin(x);
  const isSigmoid = (value: string): boolean => view.maker(value)?.op === 'Sigmoid';
  const product = view
    .users(x)
    .find(({ op, inputs }) => op === 'Mul' && inputs.some((value) => isSigmoid(value)));
  if (!product) return x;
  const sigmoid = view.maker(product.inputs.find((value) => isSigmoid(value))!)!;
  const found: number[] = [];
  const seen = new Set<OnnxNode>();
  const open = [sigmoid];
  for (const node of open) {
    for (const [index, input] of node.inputs.entries()) {
      if (view.origin(input) === origin) continue;
      const maker = view.maker(input);
      const constant = view.constant(node, index);
      if (constant !== undefined) found.push(...scalars(constant));
      else if (maker === undefined || !OPS.has(maker.op)) {
        throw unsupported(view.label, `block ${block} has an attention that is not SimAM`);
      } else if (!seen.has(maker)) {
        seen.add(maker);
        open.push(maker);
      }
    }
  }
  const missing = CONSTANTS.filter((wanted) => !found.some((value) => Math.abs(value - wanted) < 1e-6));
  if (missing.length === 0) return product.outputs[0]!;
  throw unsupported(view.label, `block ${block} has an attention without SimAM's constant ${missing[0]!}`);
}

/** Integers (axes, indices) are none of those that are looked for. */
function scalars({ shape, isFloat, read }: ReturnType<GraphView['constant']> & object): number[] {
  return isFloat === true && shape.every((size) => size === 1) ? [...read()] : [];
}
