import { expansion, linearPlan } from './plan.js';
import type { CanonicalModel, ResNetConfig, Tensor } from './types.js';

/** A network as the native core takes it: which one of those that the core describes, its sizes, its weights. */
export interface NetworkDescription {
  readonly name: string;
  readonly sizes: Readonly<Record<string, readonly number[]>>;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * The network of a model, with what belongs to it: where the model has a readout of two voices at once it is one more
 * linear layer, `overlap`, on the statistics that the embedding is made of.
 */
export function describeNetwork({ config, tensors, overlap }: CanonicalModel): NetworkDescription {
  const sizes = sizesOf(config);
  if (overlap === undefined) return { name: 'resnet', sizes: { ...sizes, overlap: [0] }, tensors };
  const { weight, bias } = overlap;
  return {
    name: 'resnet',
    sizes: { ...sizes, overlap: [1] },
    tensors: new Map([
      ...tensors,
      ['overlap.weight', { shape: [1, weight.length], data: weight }],
      ['overlap.bias', { shape: [1], data: Float32Array.of(bias) }],
    ]),
  };
}

/** As the core takes them: see networks/resnet.h. */
function sizesOf({
  blocks,
  channels,
  featureSize,
  dimension,
  block,
  attention,
  hidden,
}: ResNetConfig): NetworkDescription['sizes'] {
  return {
    block: [block === undefined ? 0 : { bottleneck: 1, simam: 2 }[block]],
    blocks,
    channels: [channels],
    featureSize: [featureSize],
    pooling: [attention === undefined ? 0 : { ASTP: 1, ASP: 2 }[attention.kind]],
    attention: [attention?.units ?? 0],
    hidden: [hidden ?? 0],
    dimension: [dimension],
  };
}

/** A model in two halves: its convolutions as a network of their own, and what makes an embedding of their feature maps. */
export interface FeatureNetwork {
  readonly maps: NetworkDescription;
  readonly pooling: NetworkDescription;
  /** Of the feature maps: frequencies, and channels of each. */
  readonly rows: number;
  readonly channels: number;
}

export function describeFeatures({ config, tensors }: CanonicalModel): FeatureNetwork {
  const sizes = sizesOf(config);
  const isPooling = (name: string): boolean => linearPlan(config).some(([own]) => name.startsWith(`${own}.`));
  const half = (pooling: boolean): NetworkDescription['tensors'] =>
    new Map([...tensors].filter(([name]) => isPooling(name) === pooling));
  return {
    maps: { name: 'resnet-features', sizes, tensors: half(false) },
    pooling: { name: 'resnet', sizes, tensors: half(true) },
    rows: config.featureSize / 8,
    channels: 8 * config.channels * expansion(config),
  };
}
