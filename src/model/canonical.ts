import { wrongShape, corrupt, formatShape, quote, unsupported } from './fault.js';
import { allFinite } from '../finite.js';
import { CheckedReader, type Layout } from './checked-reader.js';
import type { ConfigHints } from './config.js';
import { fingerprint } from './fingerprint.js';
import { foldConv, foldLinear } from './fold.js';
import { normalizeNames, type NamedTensors } from './names.js';
import { convPlan, downsampled, linearPlan, pooledSize } from './plan.js';
import type { RawModel, RawTensor } from './raw.js';
import type { CanonicalModel, PoolingAttention, ResNetConfig, Tensor } from './types.js';

/** Far above any network of the family; below them no product of sizes overflows. */
const LIMITS = { blocks: 128, channels: 1024, dimension: 8192, units: 4096 };

/** Matrices that read what a BatchNorm has scaled: which one. */
const NORM_BEFORE: Readonly<Record<string, string>> = {
  attention2: 'attention1.norm',
  embedding: 'hidden.norm',
};

/**
 * Turn a file's tensors into the canonical form: names and layout settled, every shape checked before any
 * value is read, BatchNorm folded (w' = w g / sqrt(var + eps), b' = beta + (b - mean) g / sqrt(var + eps))
 * in float64 and rounded once to float32.
 *
 * Throws `model-unsupported` for another kind of network, `model-shape` for a missing or misshapen tensor,
 * `model-corrupt` for a value that is not finite.
 */
export function canonicalize(source: string, raw: RawModel, hints: ConfigHints): CanonicalModel {
  const named = normalizeNames(source, raw.tensors);
  const { tensors } = named;
  const layout = findLayout(source, tensors);
  const config = inferConfig(source, named, hints);
  const convs = convPlan(config);
  const linears = linearPlan(config);
  const reader = new CheckedReader(source, tensors);

  for (const conv of convs) reader.expectConv(conv, layout);
  for (const [name, rows, columns] of linears) {
    reader.expectMatrix(`${name}.weight`, rows, columns);
    if (name !== 'attention2' || reader.has(`${name}.bias`)) reader.expect(`${name}.bias`, [rows]);
    reader.expectNorm(`${name}.norm`, rows);
  }
  reader.rejectOthers();

  const canonical = new Map<string, Tensor>();
  for (const conv of convs) {
    const { weight, bias } = foldConv(reader, conv, layout);
    const shape = [conv.outChannels, conv.kernel, conv.kernel, conv.inChannels];
    canonical.set(`${conv.name}.weight`, { shape, data: weight });
    canonical.set(`${conv.name}.bias`, { shape: [conv.outChannels], data: bias });
  }
  for (const [name, rows, columns] of linears) {
    const { weight, bias } = foldLinear(reader, name, columns, NORM_BEFORE[name]);
    canonical.set(`${name}.weight`, { shape: [rows, columns], data: weight });
    if (name !== 'attention2') canonical.set(`${name}.bias`, { shape: [rows], data: bias });
  }
  for (const [name, { data }] of canonical) {
    if (!allFinite(data)) throw corrupt(source, `tensor ${quote(name)} is not finite once folded`);
  }
  return {
    name: hints.name ?? defaultName(config),
    config,
    tensors: canonical,
    fingerprint: fingerprint(config, canonical),
    calibration: hints.calibration,
    scoring: hints.scoring,
  };
}

/** `resnet34-c32-256d`: layers with weights on the main path, channels, dimension. */
export function defaultName({ blocks, channels, dimension, block }: ResNetConfig): string {
  const layers = (block === 'bottleneck' ? 3 : 2) * blocks.reduce((a, b) => a + b, 0) + 2;
  return `${block === 'simam' ? 'simam-' : ''}resnet${layers}-c${channels}-${dimension}d`;
}

/** conv1 has one input channel: the place of the 1 tells the layout. */
function findLayout(source: string, tensors: ReadonlyMap<string, RawTensor>): Layout {
  const { shape } = tensors.get('conv1.weight')!;
  const [, a, b, c] = shape;
  if (shape.length === 4 && a === 1 && b === 3 && c === 3) return 'OIHW';
  if (shape.length === 4 && a === 3 && b === 3 && c === 1) return 'OHWI';
  throw wrongShape(source, 'conv1.weight', '[channels, 1, 3, 3] or [channels, 3, 3, 1]', formatShape(shape));
}

function inferConfig(source: string, named: NamedTensors, hints: ConfigHints): ResNetConfig {
  const { tensors } = named;
  const channels = tensors.get('conv1.weight')!.shape[0]!;
  const stage = (n: number): number => countBlocks(source, tensors, n, hints.blocks?.[n - 1]);
  const blocks = [stage(1), stage(2), stage(3), stage(4)] as const;
  const block = blockOf(named, hints);
  const attention = attentionOf(source, tensors, hints);
  const [dimension, first] = matrixShape(source, tensors, 'embedding.weight');
  const hasTwoLayers = tensors.has('hidden.weight');
  const [hidden, pooled] = hasTwoLayers ? matrixShape(source, tensors, 'hidden.weight') : [undefined, first];
  const perRow = pooledSize({ channels, block, featureSize: 8 });
  const rows = pooled / perRow;
  if (!Number.isInteger(rows) || rows < 1) {
    const name = hasTwoLayers ? 'hidden.weight' : 'embedding.weight';
    throw wrongShape(source, name, `[dimension, ${perRow} x rows]`, formatShape(tensors.get(name)!.shape));
  }
  const { units = 1 } = attention ?? {};
  if (
    channels < 1 ||
    channels > LIMITS.channels ||
    Math.max(dimension, hidden ?? 1) > LIMITS.dimension ||
    dimension < 1 ||
    units > LIMITS.units
  ) {
    throw unsupported(
      source,
      `${channels} channels and ${dimension} dimensions are beyond the family's sizes`,
    );
  }
  // The tensors fix the mel bins only to the next multiple of 8; 80 is the family's figure.
  const featureSize = hints.featureSize ?? 8 * rows;
  if (downsampled(featureSize) !== rows) throw disagree(source, 'mel bins', featureSize, 8 * rows);
  if (hints.channels !== undefined && hints.channels !== channels) {
    throw disagree(source, 'channels', hints.channels, channels);
  }
  if (hints.dimension !== undefined && hints.dimension !== dimension) {
    throw disagree(source, 'embedding size', hints.dimension, dimension);
  }
  if (hints.hasTwoLayers !== undefined && hints.hasTwoLayers !== hasTwoLayers) {
    throw disagree(source, 'embedding layers', hints.hasTwoLayers ? 2 : 1, hasTwoLayers ? 2 : 1);
  }
  return {
    blocks,
    channels,
    featureSize,
    dimension,
    ...(block && { block }),
    ...(attention && { attention }),
    ...(hidden !== undefined && { hidden }),
  };
}

/**
 * Bottlenecks have a third convolution. SimAM has no weights of its own: where no config says it, it is told by the names
 * that WeSpeaker gives those networks alone, `front` for the convolutions and `pooling.attention`.
 */
function blockOf({ tensors, prefix }: NamedTensors, hints: ConfigHints): ResNetConfig['block'] {
  if (tensors.has('layer1.0.conv3.weight')) return 'bottleneck';
  const isNamedSo = /(?:^|\.)front\.$/.test(prefix) && tensors.has('attention1.weight');
  return hints.block === 'simam' || (hints.block === undefined && isNamedSo) ? 'simam' : undefined;
}

/** ASP alone has a BatchNorm after its hidden layer; where that is folded already, the config says which it is. */
function attentionOf(
  source: string,
  tensors: ReadonlyMap<string, RawTensor>,
  { pooling }: ConfigHints,
): PoolingAttention | undefined {
  const [units] = tensors.get('attention1.weight')?.shape ?? [];
  const isAttentive = units !== undefined;
  if (pooling !== undefined && (pooling !== 'TSTP') !== isAttentive) {
    const found = isAttentive ? 'attentive pooling' : 'statistics pooling';
    throw unsupported(source, `the config says ${pooling}, the tensors are those of ${found}`);
  }
  if (!isAttentive) return undefined;
  const kind = tensors.has('attention1.norm.running_mean') || pooling === 'ASP' ? 'ASP' : 'ASTP';
  return { kind, units };
}

function matrixShape(
  source: string,
  tensors: ReadonlyMap<string, RawTensor>,
  name: string,
): [rows: number, columns: number] {
  const shape = tensors.get(name)?.shape;
  if (shape?.length === 2) return [shape[0]!, shape[1]!];
  throw wrongShape(source, name, '[dimension, pooled size]', shape ? formatShape(shape) : 'none');
}

function countBlocks(
  source: string,
  tensors: ReadonlyMap<string, RawTensor>,
  stage: number,
  hint: number | undefined,
): number {
  const found = new Set<string>();
  for (const name of tensors.keys()) {
    const match = new RegExp(`^layer${stage}\\.(\\d+)\\.`).exec(name);
    if (match) found.add(match[1]!);
  }
  let count = 0;
  while (found.has(String(count))) count++;
  if (count !== found.size || count === 0 || count > LIMITS.blocks) {
    throw wrongShape(
      source,
      `layer${stage}.${count}.conv1.weight`,
      'blocks numbered from 0',
      `${found.size} others`,
    );
  }
  if (hint !== undefined && hint !== count) throw disagree(source, `blocks of layer${stage}`, hint, count);
  return count;
}

function disagree(source: string, what: string, config: number, tensors: number): Error {
  return wrongShape(source, what, `${config} by the config`, `${tensors} by the tensors`);
}
