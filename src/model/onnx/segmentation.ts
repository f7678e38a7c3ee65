import { gatherStrided } from '../dtype.js';
import { formatShape, quote, unsupported } from '../fault.js';
import type { RawModel, RawTensor } from '../raw.js';
import { DIRECTIONS, SEGMENTATION } from '../segmentation/plan.js';
import { dequantized } from './dequantize.js';
import type { OnnxGraph, OnnxNode } from './proto.js';

/** PyTorch's order of an LSTM's gates is i, f, g, o; ONNX's is i, o, f, g: where each of PyTorch's lies in it. */
const GATES = [0, 2, 3, 1];

/** Whether a graph is an export of pyannote's segmentation, whose parameters keep their names. */
export function isSegmentationGraph({ constants }: OnnxGraph): boolean {
  return constants.has('sincnet.wav_norm1d.weight');
}

/**
 * The parameters of pyannote's segmentation in an ONNX file, as floats or dynamically quantised to 8 bits (sherpa-onnx
 * publishes both), under the names of the `state_dict`. Convolutions, norms and biases keep their names in an export;
 * LSTM layers and matrices are told by their order in the graph. Throws `model-unsupported` for another graph.
 */
export function readSegmentationOnnx(label: string, graph: OnnxGraph): RawModel {
  const tensors = new Map<string, RawTensor>();
  for (const name of graph.constants.keys()) {
    if (/^(?:sincnet|linear|classifier)\.[\w.]*(?:weight|bias|low_hz_|band_hz_|window_)$/.test(name)) {
      tensors.set(name, graph.constants.get(name)!);
    }
  }
  for (const i of [1, 2]) {
    const name = `sincnet.conv1d.${i}.weight`;
    const weight = dequantized(label, graph, name);
    if (weight) tensors.set(name, weight);
  }
  const recurrent = graph.nodes.filter(({ op }) => op === 'LSTM' || op === 'DynamicQuantizeLSTM');
  for (const [layer, node] of recurrent.entries()) addLayer(label, graph, tensors, node, layer);
  const linear = graph.nodes
    .filter(({ op, inputs }) => /^MatMul(?:Integer)?$/.test(op) && !inputs[1]?.includes('filterbank'))
    .map(({ inputs }) => dequantized(label, graph, baseName(inputs[1]!)));
  for (const [i, name] of ['linear.0', 'linear.1', 'classifier'].entries()) {
    const matrix = linear[i];
    if (matrix?.shape.length !== 2 || linear.length !== 3) {
      throw unsupported(label, `${linear.length} linear layers; expected the 3 of pyannote/segmentation-3.0`);
    }
    tensors.set(`${name}.weight`, transposed(matrix));
  }
  return { tensors };
}

/** One bidirectional layer: inputs 1 to 3 of its node are W, R and B (of the inputs, then of the recurrence). */
function addLayer(
  label: string,
  graph: OnnxGraph,
  tensors: Map<string, RawTensor>,
  node: OnnxNode,
  layer: number,
): void {
  const quantized = node.op === 'DynamicQuantizeLSTM';
  const { units } = SEGMENTATION;
  const part = (index: number): RawTensor => {
    const name = baseName(node.inputs[index] ?? '');
    const tensor = dequantized(label, graph, name);
    if (!tensor) throw unsupported(label, `the weights ${quote(name)} of LSTM layer ${layer} are computed`);
    return tensor;
  };
  const bias = part(3);
  if (formatShape(bias.shape) !== formatShape([2, 8 * units])) {
    throw unsupported(
      label,
      `LSTM layer ${layer} has biases of shape ${formatShape(bias.shape)}; expected [2, ${8 * units}]`,
    );
  }
  for (const [index, kind] of [
    [1, 'weight_ih'],
    [2, 'weight_hh'],
  ] as const) {
    const weight = part(index);
    // Quantised ones are kept transposed.
    const [count, rows, columns] = quantized ? [0, 2, 1].map((axis) => weight.shape[axis]) : weight.shape;
    if (weight.shape.length !== 3 || count !== 2 || rows !== 4 * units || columns === undefined) {
      const shape = formatShape(weight.shape);
      throw unsupported(label, `LSTM layer ${layer} has weights of shape ${shape}; expected ${units} units`);
    }
    for (const [direction, end] of DIRECTIONS.entries()) {
      tensors.set(`lstm.${kind}_l${layer}${end}`, {
        shape: [rows, columns],
        read: () => {
          const values = weight.read();
          const strides = quantized ? [units, 1, 4 * units] : [units * columns, columns, 1];
          const own = values.subarray(direction * rows * columns, (direction + 1) * rows * columns);
          return gates(own, columns, strides);
        },
      });
    }
  }
  for (const [direction, end] of DIRECTIONS.entries()) {
    for (const [i, kind] of ['bias_ih', 'bias_hh'].entries()) {
      const first = (2 * direction + i) * 4 * units;
      tensors.set(`lstm.${kind}_l${layer}${end}`, {
        shape: [4 * units],
        read: () => gates(bias.read().subarray(first, first + 4 * units), 1, [units, 1, 1]),
      });
    }
  }
}

/** ONNX's gates in PyTorch's order, [4 x units, columns]; `strides` of gate, unit and column. */
function gates(
  values: Float32Array | Float64Array,
  columns: number,
  strides: readonly number[],
): Float32Array {
  const { units } = SEGMENTATION;
  const out = new Float32Array(4 * units * columns);
  for (const [gate, from] of GATES.entries()) {
    const block = out.subarray(gate * units * columns, (gate + 1) * units * columns);
    const own = Float32Array.from(values.subarray(from * strides[0]!));
    gatherStrided(own, [units, columns], strides.slice(1), block);
  }
  return out;
}

function transposed({ shape, read }: RawTensor): RawTensor {
  const [rows = 0, columns = 0] = shape;
  const turned = [columns, rows];
  return {
    shape: turned,
    read: () =>
      gatherStrided(Float32Array.from(read()), turned, [1, columns], new Float32Array(rows * columns)),
  };
}

/** A weight's name before the quantiser put its own after it. */
function baseName(name: string): string {
  return name.replace(/_quantized$/, '');
}
