import { formatShape, quote, unsupported } from '../fault.js';
import type { RawTensor } from '../raw.js';
import type { OnnxGraph } from './proto.js';

/**
 * A constant as floats: as it lies in the graph, or (`NAME_quantized` - `NAME_zero_point`) x `NAME_scale`, as
 * onnxruntime's dynamic quantisation leaves it; scale and zero point are one for all, or one for each along the first
 * axis. Undefined where there is neither. Throws `model-unsupported` for another form of them.
 */
export function dequantized(label: string, graph: OnnxGraph, name: string): RawTensor | undefined {
  const plain = graph.constants.get(name);
  if (plain) return plain;
  const quantized = graph.constants.get(`${name}_quantized`);
  const scale = graph.constants.get(`${name}_scale`);
  const zeroPoint = graph.constants.get(`${name}_zero_point`);
  if (!quantized || !scale) return undefined;
  const { shape } = quantized;
  const groups = scale.shape.reduce((a, b) => a * b, 1);
  const zeros = zeroPoint?.shape.reduce((a, b) => a * b, 1) ?? groups;
  if (groups < 1 || (groups !== 1 && groups !== shape[0]) || zeros !== groups) {
    throw unsupported(
      label,
      `${quote(name)} of shape ${formatShape(shape)} has ${groups} scales and ${zeros} zero points`,
    );
  }
  return {
    shape,
    read: () => {
      const values = new Float32Array(integers(label, name, quantized));
      const scales = scale.read();
      const offsets = zeroPoint ? integers(label, name, zeroPoint) : new Int8Array(groups);
      const each = values.length / groups;
      return values.map((value, i) => {
        const group = Math.floor(i / each);
        return (value - offsets[group]!) * scales[group]!;
      });
    },
  };
}

function integers(label: string, name: string, tensor: RawTensor): Int8Array | Uint8Array {
  const values = tensor.readBytes?.();
  if (!values) throw unsupported(label, `${quote(name)} is not quantised to 8 bits`);
  return values;
}
