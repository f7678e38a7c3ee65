import { canonicalShapes } from './plan.js';
import { sha256 } from './sha256.js';
import type { ResNetConfig, Tensor } from './types.js';

/**
 * sha256 (hex) that identifies the network that the weights make, whatever file they came in.
 *
 * Hashed, in this order: the line `whospeaks-model-1`; the line
 * `blocks=3,4,6,3 channels=32 features=80 dimension=256`, with ` block=simam`, ` attention=ASP,128` and ` hidden=256` after
 * it where the network has them; then each tensor in canonical order (see
 * `canonicalShapes`) as the line `NAME SIZExSIZE...` and its float32 values, little-endian, row-major.
 *
 * Every unfused file of the same float32 weights gives the same fingerprint, since folding is done here, in
 * float64, rounded once. A file whose maker had folded BatchNorm already (MLX, ONNX) may differ in the last
 * bit of a weight, and is then another model: its profiles are kept apart, which is the safe side.
 */
export function fingerprint(config: ResNetConfig, tensors: ReadonlyMap<string, Tensor>): string {
  const { blocks, channels, featureSize, dimension, block, attention, hidden } = config;
  const more = [
    block === undefined ? '' : ` block=${block}`,
    attention === undefined ? '' : ` attention=${attention.kind},${attention.units}`,
    hidden === undefined ? '' : ` hidden=${hidden}`,
  ].join('');
  const sizes = `blocks=${blocks.join(',')} channels=${channels} features=${featureSize} dimension=${dimension}${more}`;
  const parts: (string | Uint8Array)[] = ['whospeaks-model-1\n', `${sizes}\n`];
  for (const [name, shape] of canonicalShapes(config)) {
    const { data } = tensors.get(name)!;
    parts.push(`${name} ${shape.join('x')}\n`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return sha256(parts);
}
