import { allFinite } from '../finite.js';
import type { FileBeside } from './config.js';
import { corrupt, formatShape, wrongShape } from './fault.js';
import { openBeside } from './file-beside.js';
import { pooledSize } from './plan.js';
import type { CanonicalModel, OverlapReadout, ResNetConfig } from './types.js';

/**
 * The readout of two voices at once that a config names: `overlap.weight` [1, pooled size] and `overlap.bias` [1] in a
 * safetensors file beside it. Throws `model-corrupt` where the file is missing, damaged or another than the config says,
 * and `model-shape`.
 */
export async function readOverlapReadout(
  folder: string,
  beside: FileBeside,
  config: ResNetConfig,
): Promise<OverlapReadout> {
  const file = await openBeside(folder, beside, 'overlap');
  const read = (name: string, shape: readonly number[]): Float32Array => {
    const found = file.tensor(name);
    if (formatShape(found.shape) !== formatShape(shape))
      throw wrongShape(file.label, name, formatShape(shape), formatShape(found.shape));
    const data = new Float32Array(found.read());
    if (!allFinite(data)) throw corrupt(file.label, `tensor "${name}" is not finite`);
    return data;
  };
  return {
    weight: read('overlap.weight', [1, pooledSize(config)]),
    bias: read('overlap.bias', [1])[0]!,
  };
}

/**
 * The network with the readout as one more row of its last layer, so that every engine computes it and none knows of it:
 * `dimension` is one more, and the last number of an embedding is the log-odds. As it is where there is no readout.
 */
export function withReadoutRow(model: CanonicalModel): CanonicalModel {
  const { overlap, config, tensors } = model;
  if (overlap === undefined) return model;
  const dimension = config.dimension + 1;
  const row = (name: string, values: ArrayLike<number>): Float32Array => {
    const { data } = tensors.get(name)!;
    const joined = new Float32Array(data.length + values.length);
    joined.set(data);
    joined.set(values, data.length);
    return joined;
  };
  return {
    ...model,
    config: { ...config, dimension },
    tensors: new Map([
      ...tensors,
      [
        'embedding.weight',
        { shape: [dimension, pooledSize(config)], data: row('embedding.weight', overlap.weight) },
      ],
      ['embedding.bias', { shape: [dimension], data: row('embedding.bias', [overlap.bias]) }],
    ]),
  };
}
