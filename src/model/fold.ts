import type { CheckedReader, Layout } from './checked-reader.js';
import type { ConvSpec } from './plan.js';

/** BatchNorm's epsilon in every network of the family. */
export const BATCH_NORM_EPSILON = 1e-5;

/** A convolution with its BatchNorm folded in, weights [out, kF, kT, in], in float64 rounded once to float32. */
export function foldConv(
  reader: CheckedReader,
  conv: ConvSpec,
  layout: Layout,
): { weight: Float32Array<ArrayBuffer>; bias: Float32Array<ArrayBuffer> } {
  const { outChannels: o, inChannels: i } = conv;
  const taps = conv.kernel ** 2;
  const weight = reader.read(`${conv.name}.weight`);
  const ownBias = reader.has(`${conv.name}.bias`) ? reader.read(`${conv.name}.bias`) : new Float64Array(o);
  const { scale, shift } = reader.has(`${conv.norm}.weight`)
    ? normFactors(reader, conv.norm, o)
    : { scale: new Float64Array(o).fill(1), shift: new Float64Array(o) };
  const folded = new Float32Array(weight.length);
  const bias = new Float32Array(o);
  for (let out = 0; out < o; out++) {
    const factor = scale[out]!;
    bias[out] = ownBias[out]! * factor + shift[out]!;
    const [perTap, perInput] = layout === 'OHWI' ? [i, 1] : [1, taps];
    for (let tap = 0; tap < taps; tap++) {
      let from = out * i * taps + tap * perTap;
      let to = (out * taps + tap) * i;
      for (const end = to + i; to < end; to++, from += perInput) folded[to] = weight[from]! * factor;
    }
  }
  return { weight: folded, bias };
}

/**
 * A linear layer with the BatchNorm that stands before it, if there is one, folded in: the layer reads scale * x + shift.
 * Weights [rows, columns].
 */
export function foldLinear(
  reader: CheckedReader,
  name: string,
  columns: number,
  normBefore?: string,
): { weight: Float32Array<ArrayBuffer>; bias: Float32Array<ArrayBuffer> } {
  const weight = Float64Array.from(reader.read(`${name}.weight`));
  const rows = weight.length / columns;
  const bias = reader.has(`${name}.bias`)
    ? Float64Array.from(reader.read(`${name}.bias`))
    : new Float64Array(rows);
  if (normBefore !== undefined && reader.has(`${normBefore}.running_mean`)) {
    const { scale, shift } = normFactors(reader, normBefore, columns);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        bias[row]! += weight[at]! * shift[column]!;
        weight[at]! *= scale[column]!;
      }
    }
  }
  return { weight: new Float32Array(weight), bias: new Float32Array(bias) };
}

function normFactors(
  reader: CheckedReader,
  norm: string,
  size: number,
): { scale: Float64Array; shift: Float64Array } {
  const read = (part: string, without: number): Float32Array | Float64Array =>
    reader.has(`${norm}.${part}`) ? reader.read(`${norm}.${part}`) : new Float64Array(size).fill(without);
  const [gain, beta, mean, variance] = [
    read('weight', 1),
    read('bias', 0),
    read('running_mean', 0),
    read('running_var', 1),
  ];
  const scale = new Float64Array(size);
  const shift = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    scale[i] = gain[i]! / Math.sqrt(variance[i]! + BATCH_NORM_EPSILON);
    shift[i] = beta[i]! - mean[i]! * scale[i]!;
  }
  return { scale, shift };
}
