import { allFinite } from '../../finite.js';
import { corrupt, formatShape, quote, unsupported, wrongShape } from '../fault.js';
import type { RawModel, RawTensor } from '../raw.js';
import { sha256 } from '../sha256.js';
import type { Tensor } from '../types.js';
import { segmentationShapes } from './plan.js';

/**
 * The one form in which weights of a segmentation network travel through the SDK, whatever file they came from: the
 * tensors of pyannote's `state_dict` under its names, float32.
 */
export interface SegmentationWeights {
  readonly name: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** sha256 (hex) over the canonical tensors. */
  readonly fingerprint: string;
}

/** The filters' times, which follow from their number; and what training keeps beside the network. */
const DROPPED = /(?:^|\.)filterbank\.n_$|^(?:loss|validation_metric|powerset)\b/;
const SIGN = 'lstm.weight_hh_l0';
const KIND = 'pyannote/segmentation-3.0';

/** Whether a file's tensors are those of a segmentation network rather than an embedding's. */
export function isSegmentation({ tensors }: RawModel): boolean {
  return prefixOf(tensors) !== undefined;
}

/**
 * Throws `model-unsupported` for tensors of another network, `model-shape` for one that is missing or misshapen,
 * `model-corrupt` for a value that is not finite.
 */
export function canonicalizeSegmentation(
  source: string,
  raw: RawModel,
  name: string | undefined,
): SegmentationWeights {
  const named = withoutPrefix(raw.tensors);
  const shapes = segmentationShapes();
  for (const [key, shape] of shapes) {
    const received = named.get(key)?.shape;
    if (received === undefined) throw wrongShape(source, key, formatShape(shape), 'none', KIND);
    if (formatShape(received) !== formatShape(shape))
      throw wrongShape(source, key, formatShape(shape), formatShape(received), KIND);
  }
  for (const key of named.keys()) {
    if (!shapes.has(key)) throw unsupported(source, `tensor ${quote(key)} is not part of ${KIND}`);
  }
  const tensors = new Map<string, Tensor>();
  for (const [key, shape] of shapes) {
    const data = new Float32Array(named.get(key)!.read());
    if (!allFinite(data)) throw corrupt(source, `tensor ${quote(key)} holds NaN or infinity`);
    tensors.set(key, { shape, data });
  }
  return { name: name ?? 'segmentation-3.0', tensors, fingerprint: fingerprintOf(tensors) };
}

/** Numbers in the weights. */
export function countSegmentationParameters(): number {
  let count = 0;
  for (const shape of segmentationShapes().values()) count += shape.reduce((a, b) => a * b, 1);
  return count;
}

function prefixOf(tensors: ReadonlyMap<string, RawTensor>): string | undefined {
  for (const name of tensors.keys()) {
    if (name === SIGN || name.endsWith(`.${SIGN}`)) return name.slice(0, -SIGN.length);
  }
  return undefined;
}

/** Wrappers put `model.` or `module.` before every name. */
function withoutPrefix(tensors: ReadonlyMap<string, RawTensor>): Map<string, RawTensor> {
  const prefix = prefixOf(tensors) ?? '';
  const named = new Map<string, RawTensor>();
  for (const [name, tensor] of tensors) {
    const own = name.slice(prefix.length);
    if (name.startsWith(prefix) && !DROPPED.test(own)) named.set(own, tensor);
  }
  return named;
}

/** Hashed: the line `whospeaks-segmentation-1`, then each tensor as the line `NAME SIZExSIZE...` and its values. */
function fingerprintOf(tensors: ReadonlyMap<string, Tensor>): string {
  const parts: (string | Uint8Array)[] = ['whospeaks-segmentation-1\n'];
  for (const [name, { shape, data }] of tensors) {
    parts.push(`${name} ${shape.join('x')}\n`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return sha256(parts);
}
