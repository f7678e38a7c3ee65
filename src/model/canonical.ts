import { wrongShape, corrupt, formatShape, quote, unsupported } from './fault.js';
import type { ConfigHints } from './config.js';
import { fingerprint } from './fingerprint.js';
import { normalizeNames } from './names.js';
import { convPlan, downsampled, pooledSize, type ConvSpec } from './plan.js';
import type { RawModel, RawTensor } from './raw.js';
import type { CanonicalModel, ResNetConfig, Tensor } from './types.js';

/** BatchNorm's epsilon in every network of the family. */
export const BATCH_NORM_EPSILON = 1e-5;

/** Far above any network of the family; below them no product of sizes overflows. */
const LIMITS = { blocks: 128, channels: 1024, dimension: 8192 };

type Layout = 'OIHW' | 'OHWI';

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
    canonical.set(name, { shape: tensors.get(name)!.shape, data: Float32Array.from(reader.read(name)) });
  }
  for (const [name, { data }] of canonical) {
    if (!data.every(Number.isFinite))
      throw corrupt(source, `tensor ${quote(name)} is not finite once folded`);
  }
  return {
    name: hints.name ?? defaultName(config),
    config,
    tensors: canonical,
    fingerprint: fingerprint(config, canonical),
    calibration: hints.calibration,
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

/** Looks tensors up by name, with their shapes checked first and their values after. */
class CheckedReader {
  private readonly expected = new Set<string>();

  constructor(
    private readonly source: string,
    private readonly tensors: ReadonlyMap<string, RawTensor>,
  ) {}

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  expect(name: string, shape: readonly number[]): void {
    this.expected.add(name);
    const received = this.tensors.get(name)?.shape;
    if (!received) throw wrongShape(this.source, name, formatShape(shape), 'none');
    if (received.length !== shape.length || shape.some((size, axis) => size !== received[axis])) {
      throw wrongShape(this.source, name, formatShape(shape), formatShape(received));
    }
  }

  /** A convolution has a BatchNorm, or a bias that took it in. */
  expectConv(conv: ConvSpec, layout: Layout): void {
    const { inChannels: i, outChannels: o, kernel: k } = conv;
    this.expect(`${conv.name}.weight`, layout === 'OIHW' ? [o, i, k, k] : [o, k, k, i]);
    const fused = !this.has(`${conv.norm}.weight`) && this.has(`${conv.name}.bias`);
    if (!fused) {
      for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
        this.expect(`${conv.norm}.${part}`, [o]);
    }
    if (this.has(`${conv.name}.bias`)) this.expect(`${conv.name}.bias`, [o]);
  }

  rejectOthers(): void {
    for (const name of this.tensors.keys()) {
      if (!this.expected.has(name)) {
        throw unsupported(
          this.source,
          `tensor ${quote(name)} is not part of a WeSpeaker ResNet of BasicBlocks`,
        );
      }
    }
  }

  read(name: string): Float32Array | Float64Array {
    const values = this.tensors.get(name)!.read();
    if (!values.every(Number.isFinite))
      throw corrupt(this.source, `tensor ${quote(name)} holds NaN or infinity`);
    return values;
  }
}

function foldConv(
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
    bias[out] = ownBias[out]! * scale[out]! + shift[out]!;
    for (let tap = 0; tap < taps; tap++) {
      for (let input = 0; input < i; input++) {
        const to = (out * taps + tap) * i + input;
        const from = layout === 'OHWI' ? to : (out * i + input) * taps + tap;
        folded[to] = weight[from]! * scale[out]!;
      }
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
