import { Random } from '../src/acoustics/random.js';
import { canonicalShapes } from '../src/model/plan.js';
import type { CanonicalModel, ResNetConfig, Tensor } from '../src/model/types.js';

/** Deterministic numbers in [-1, 1). */
export function randomSource(seed: number): () => number {
  const random = new Random(seed);
  return () => random.between(-1, 1);
}

export function randomArray(length: number, scale: number, random: () => number): Float32Array {
  return Float32Array.from({ length }, () => scale * random());
}

/** A direction at random, of length 1. */
export function unitVector(random: () => number, dimension = 256): Float32Array {
  const vector = randomArray(dimension, 1, random);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

export const RESNET34: ResNetConfig = { blocks: [3, 4, 6, 3], channels: 32, featureSize: 80, dimension: 256 };
export const TINY: ResNetConfig = { blocks: [1, 2, 1, 1], channels: 8, featureSize: 80, dimension: 24 };
export const RESNET152: ResNetConfig = { ...RESNET34, blocks: [3, 8, 36, 3], block: 'bottleneck' };
export const RESNET221: ResNetConfig = { ...RESNET152, blocks: [6, 16, 48, 3] };
export const RESNET293: ResNetConfig = { ...RESNET152, blocks: [10, 20, 64, 3] };
export const SIMAM34: ResNetConfig = {
  ...RESNET34,
  channels: 64,
  block: 'simam',
  attention: { kind: 'ASP', units: 128 },
};
export const SIMAM100: ResNetConfig = { ...SIMAM34, blocks: [6, 16, 24, 3] };
/** Those that are measured, by the names that `--network` takes. */
export const NETWORKS: Readonly<Record<string, ResNetConfig>> = {
  bundled: { ...RESNET34, blocks: [2, 2, 2, 2], channels: 16 },
  resnet34: RESNET34,
  resnet152: RESNET152,
  resnet221: RESNET221,
  resnet293: RESNET293,
  simam34: SIMAM34,
  simam100: SIMAM100,
};
/** Small members of the family that have between them all that it can have. */
export const FAMILY: readonly ResNetConfig[] = [
  { ...TINY, block: 'bottleneck', attention: { kind: 'ASTP', units: 20 }, hidden: 12 },
  { ...TINY, block: 'simam', attention: { kind: 'ASP', units: 16 } },
];

/** A network of the family with random weights, scaled so that activations neither vanish nor explode. */
export function randomModel(config: ResNetConfig, seed = 1): CanonicalModel {
  const random = randomSource(seed);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of canonicalShapes(config)) {
    const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
    const scale = shape.length === 1 ? 0.1 : Math.sqrt((shape.length === 4 ? 3 : 1) / fanIn);
    const size = shape.reduce((product, n) => product * n, 1);
    tensors.set(name, { shape, data: randomArray(size, scale, random) });
  }
  return { name: `random-${seed}`, config, tensors, fingerprint: `random-${seed}` };
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i += 1) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return ab / Math.sqrt(aa * bb);
}
