import { createHash } from 'node:crypto';
import { formatShape, quote, unsupported } from '../fault.js';
import type { ModelSource } from '../raw.js';
import { frontEndOf, type FrontEndFacts, type ModelFrontEnd } from './front-end.js';
import { ONNX_FLOAT, ONNX_INT64, type OnnxGraph, type OnnxValue } from './proto.js';

/** An embedding network of any architecture, for onnxruntime: what goes in, and what comes out. */
export interface ForeignNetwork {
  readonly frontEnd: ModelFrontEnd;
  readonly input: string;
  /** Order of the input's axes after the batch: frames of bins, bins of frames, samples, or samples in one channel. */
  readonly layout: 'frames-bins' | 'bins-frames' | 'samples' | 'channel-samples';
  /** An input that takes how long each window is. */
  readonly lengths: string | undefined;
  /** It takes one window at a time. */
  readonly isSingle: boolean;
  readonly output: string;
  /** Numbers in an embedding, where the file says it. */
  readonly dimension: number | undefined;
  /** sha256 (hex) over the front end and the file. */
  readonly fingerprint: string;
  /** The file. */
  readonly bytes: Uint8Array;
}

const CONTROL_FLOW = new Set(['If', 'Loop', 'Scan']);
const MOST_BINS = 256;

/**
 * What onnxruntime needs to run a file that is none of WeSpeaker's ResNets. Throws `model-unsupported` with what was found
 * and what is known.
 *
 * @param stated facts of a config beside the file, for those that the file does not state itself
 */
export function describeForeign(
  { bytes, label }: ModelSource,
  graph: OnnxGraph,
  stated: FrontEndFacts,
): ForeignNetwork {
  if (graph.hasExternalData) {
    throw unsupported(label, 'weights kept in a second file; save the ONNX model as one file');
  }
  const branch = graph.nodes.find(({ op }) => CONTROL_FLOW.has(op));
  if (branch) throw unsupported(label, `control flow (${branch.op}); export the model without it`);
  const { input, layout, bins, lengths } = inputOf(label, graph.inputs);
  const output = outputOf(label, graph.results);
  // The names that WeSpeaker's exporter gives, which writes no metadata.
  const isWespeaker = input.name === 'feats' && output.name === 'embs';
  const facts: FrontEndFacts = {
    ...(isWespeaker && { framework: 'wespeaker' }),
    ...stated,
    ...graph.metadata,
  };
  const frontEnd = frontEndOf(label, facts, bins);
  const hash = createHash('sha256')
    .update(`whospeaks-onnx-1\n${JSON.stringify(frontEnd)}\n`)
    .update(bytes);
  return {
    frontEnd,
    input: input.name,
    layout,
    lengths: lengths?.name,
    isSingle: input.sizes[0] === 1,
    output: output.name,
    dimension: sizeOf(facts.output_dim) ?? output.sizes[1] ?? undefined,
    fingerprint: hash.digest('hex'),
    bytes,
  };
}

function sizeOf(text: string | undefined): number | undefined {
  const size = Number(text);
  return Number.isInteger(size) && size > 0 ? size : undefined;
}

interface Input {
  readonly input: OnnxValue;
  readonly layout: ForeignNetwork['layout'];
  readonly bins: number | undefined;
  readonly lengths: OnnxValue | undefined;
}

function inputOf(label: string, inputs: readonly OnnxValue[]): Input {
  const shown = inputs.map(({ name, sizes }) => `${quote(name)} ${shape(sizes)}`).join(', ') || 'none';
  const wrong = (): Error =>
    unsupported(
      label,
      `inputs ${shown}; known are [batch, frames, bins], [batch, bins, frames], [batch, samples] and ` +
        '[batch, 1, samples], any number of frames or samples, and beside them the lengths',
    );
  const [input, ...others] = inputs.filter(({ type }) => type === ONNX_FLOAT);
  const [lengths, ...more] = inputs.filter(({ type, sizes }) => type === ONNX_INT64 && sizes.length === 1);
  if (!input || others.length > 0 || more.length > 0) throw wrong();
  if (inputs.length !== (lengths ? 2 : 1)) throw wrong();
  const [batch, second, third] = input.sizes;
  if (batch !== null && batch !== 1) throw wrong();
  const isBins = (size: number | null | undefined): size is number =>
    typeof size === 'number' && size > 1 && size <= MOST_BINS;
  if (input.sizes.length === 2 && second === null) {
    return { input, layout: 'samples', bins: undefined, lengths };
  }
  if (input.sizes.length !== 3) throw wrong();
  if (second === 1 && third === null) return { input, layout: 'channel-samples', bins: undefined, lengths };
  if (second === null && isBins(third)) return { input, layout: 'frames-bins', bins: third, lengths };
  if (isBins(second) && third === null) return { input, layout: 'bins-frames', bins: second, lengths };
  throw wrong();
}

function outputOf(label: string, results: readonly OnnxValue[]): OnnxValue {
  const vectors = results.filter(
    ({ type, sizes }) => type === ONNX_FLOAT && (sizes.length === 2 || sizes.length === 0),
  );
  const named = vectors.filter(({ name }) => /emb/i.test(name));
  const found = named.length === 1 ? named : vectors;
  if (found.length === 1) return found[0]!;
  const shown = results.map(({ name, sizes }) => `${quote(name)} ${shape(sizes)}`).join(', ') || 'none';
  throw unsupported(
    label,
    `outputs ${shown}; expected one [batch, dimension], or one that is called an embedding`,
  );
}

/** `[?, ?, 80]`. */
function shape(sizes: readonly (number | null)[]): string {
  return sizes.includes(null)
    ? `[${sizes.map((size) => size ?? '?').join(', ')}]`
    : formatShape(sizes as number[]);
}
