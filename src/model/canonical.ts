import { wrongShape, corrupt, formatShape, quote, unsupported } from './fault.js';
import { allFinite } from '../finite.js';
import { CheckedReader, type Layout } from './checked-reader.js';
import type { ConfigHints } from './config.js';
import { fingerprint } from './fingerprint.js';
import { foldConv } from './fold.js';
import { normalizeNames } from './names.js';
import { convPlan, downsampled, pooledSize } from './plan.js';
import type { RawModel, RawTensor } from './raw.js';
import type { CanonicalModel, ResNetConfig, Tensor } from './types.js';

/** Far above any network of the family; below them no product of sizes overflows. */
const LIMITS = { blocks: 128, channels: 1024, dimension: 8192 };

/**
 * Turn a file's tensors into the canonical form: names and layout settled, every shape checked before any
 * value is read, BatchNorm folded (w' = w g / sqrt(var + eps), b' = beta + (b - mean) g / sqrt(var + eps))
 * in float64 and rounded once to float32.
 *
 * Throws `model-unsupported` for another kind of network, `model-shape` for a missing or misshapen tensor,
 * `model-corrupt` for a value that is not finite.
 */
export function canonicalize(source: string, raw: RawModel, hints: ConfigHints): CanonicalModel {
  const tensors = normalizeNames(source, raw.tensors);
  const layout = findLayout(source, tensors);
  const config = inferConfig(source, tensors, hints);
  const plan = convPlan(config);
  const reader = new CheckedReader(source, tensors);

  for (const conv of plan) reader.expectConv(conv, layout);
  reader.expect('embedding.weight', [config.dimension, pooledSize(config)]);
  reader.expect('embedding.bias', [config.dimension]);
  reader.rejectOthers();

  const canonical = new Map<string, Tensor>();
  for (const conv of plan) {
    const { weight, bias } = foldConv(reader, conv, layout);
    const shape = [conv.outChannels, conv.kernel, conv.kernel, conv.inChannels];
    canonical.set(`${conv.name}.weight`, { shape, data: weight });
    canonical.set(`${conv.name}.bias`, { shape: [conv.outChannels], data: bias });
  }
  for (const name of ['embedding.weight', 'embedding.bias']) {
    canonical.set(name, { shape: tensors.get(name)!.shape, data: new Float32Array(reader.read(name)) });
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
export function defaultName({ blocks, channels, dimension }: ResNetConfig): string {
  return `resnet${2 * blocks.reduce((a, b) => a + b, 0) + 2}-c${channels}-${dimension}d`;
}

/** conv1 has one input channel: the place of the 1 tells the layout. */
function findLayout(source: string, tensors: ReadonlyMap<string, RawTensor>): Layout {
  const { shape } = tensors.get('conv1.weight')!;
  const [, a, b, c] = shape;
  if (shape.length === 4 && a === 1 && b === 3 && c === 3) return 'OIHW';
  if (shape.length === 4 && a === 3 && b === 3 && c === 1) return 'OHWI';
  throw wrongShape(source, 'conv1.weight', '[channels, 1, 3, 3] or [channels, 3, 3, 1]', formatShape(shape));
}

function inferConfig(
  source: string,
  tensors: ReadonlyMap<string, RawTensor>,
  hints: ConfigHints,
): ResNetConfig {
  const channels = tensors.get('conv1.weight')!.shape[0]!;
  const stage = (n: number): number => countBlocks(source, tensors, n, hints.blocks?.[n - 1]);
  const blocks = [stage(1), stage(2), stage(3), stage(4)] as const;
  const embedding = tensors.get('embedding.weight');
  if (!embedding) throw wrongShape(source, 'embedding.weight', '[dimension, pooled size]', 'none');
  const [dimension, pooled] = embedding.shape;
  const rows = pooled! / (2 * 8 * channels);
  if (embedding.shape.length !== 2 || !Number.isInteger(rows) || rows < 1) {
    throw wrongShape(
      source,
      'embedding.weight',
      `[dimension, ${16 * channels} x rows]`,
      formatShape(embedding.shape),
    );
  }
  if (channels < 1 || channels > LIMITS.channels || dimension! < 1 || dimension! > LIMITS.dimension) {
    throw unsupported(
      source,
      `${channels} channels and ${dimension!} dimensions are beyond the family's sizes`,
    );
  }
  // The tensors fix the mel bins only to the next multiple of 8; 80 is the family's figure.
  const featureSize = hints.featureSize ?? 8 * rows;
  if (downsampled(featureSize) !== rows) throw disagree(source, 'mel bins', featureSize, 8 * rows);
  if (hints.channels !== undefined && hints.channels !== channels) {
    throw disagree(source, 'channels', hints.channels, channels);
  }
  if (hints.dimension !== undefined && hints.dimension !== dimension) {
    throw disagree(source, 'embedding size', hints.dimension, dimension!);
  }
  return { blocks, channels, featureSize, dimension: dimension! };
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
