import type { CanonicalModel, Tensor } from './types.js';

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
  const { blocks, channels, featureSize, dimension } = config;
  const sizes = { blocks, channels: [channels], featureSize: [featureSize], dimension: [dimension] };
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

/** The convolutions of a model as a network of their own, and what its pooling needs. */
export interface FeatureNetwork {
  readonly network: NetworkDescription;
  /** Of the feature maps: frequencies, and channels of each. */
  readonly rows: number;
  readonly channels: number;
  /** Of the linear layer from pooled statistics to the embedding: dimension x (2 x channels x rows), and dimension. */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export function describeFeatures({ config, tensors }: CanonicalModel): FeatureNetwork {
  const { blocks, channels, featureSize } = config;
  return {
    network: {
      name: 'resnet-features',
      sizes: { blocks, channels: [channels], featureSize: [featureSize] },
      tensors: new Map([...tensors].filter(([name]) => !name.startsWith('embedding.'))),
    },
    rows: featureSize / 8,
    channels: 8 * channels,
    weight: tensors.get('embedding.weight')!.data,
    bias: tensors.get('embedding.bias')!.data,
  };
}
