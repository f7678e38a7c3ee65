import { allFinite } from '../finite.js';
import type { FileBeside } from './config.js';
import { corrupt, formatShape, wrongShape } from './fault.js';
import { openBeside } from './file-beside.js';
import { pooledSize } from './plan.js';
import type { OverlapReadout, ResNetConfig } from './types.js';

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
