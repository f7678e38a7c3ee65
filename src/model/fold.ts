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
    ? normFactors(reader, conv)
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

function normFactors(reader: CheckedReader, conv: ConvSpec): { scale: Float64Array; shift: Float64Array } {
  const [gain, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
    reader.read(`${conv.norm}.${part}`),
  );
  const scale = new Float64Array(conv.outChannels);
  const shift = new Float64Array(conv.outChannels);
  for (let out = 0; out < conv.outChannels; out++) {
    scale[out] = gain![out]! / Math.sqrt(variance![out]! + BATCH_NORM_EPSILON);
    shift[out] = beta![out]! - mean![out]! * scale[out]!;
  }
  return { scale, shift };
}
