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
