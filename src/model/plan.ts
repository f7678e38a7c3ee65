import type { ResNetConfig } from './types.js';

/** One convolution of the network with the BatchNorm that follows it. */
export interface ConvSpec {
  /** Canonical name: `conv1`, `layer2.0.conv1`, `layer2.0.shortcut`. */
  readonly name: string;
  /** Name of its BatchNorm in an unfused file: `bn1`, `layer2.0.bn1`, `layer2.0.shortcut.norm`. */
  readonly norm: string;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Square kernel; padding is (kernel - 1) / 2. */
  readonly kernel: 1 | 3;
  readonly stride: 1 | 2;
}

/** Every convolution, in the order in which the network runs them: also the order of the canonical file. */
export function convPlan(config: ResNetConfig): ConvSpec[] {
  const { blocks, channels } = config;
  const plan: ConvSpec[] = [
    { name: 'conv1', norm: 'bn1', inChannels: 1, outChannels: channels, kernel: 3, stride: 1 },
  ];
  let inChannels = channels;
  for (const [stage, count] of blocks.entries()) {
    const outChannels = channels * 2 ** stage;
    for (let block = 0; block < count; block++) {
      const at = `layer${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      plan.push(
        { name: `${at}.conv1`, norm: `${at}.bn1`, inChannels, outChannels, kernel: 3, stride },
        {
          name: `${at}.conv2`,
          norm: `${at}.bn2`,
          inChannels: outChannels,
          outChannels,
          kernel: 3,
          stride: 1,
        },
      );
      if (stride !== 1 || inChannels !== outChannels) {
        plan.push({
          name: `${at}.shortcut`,
          norm: `${at}.shortcut.norm`,
          inChannels,
          outChannels,
          kernel: 1,
          stride,
        });
      }
      inChannels = outChannels;
    }
  }
  return plan;
}

/** Mel bins (or frames) left after the three stride-2 stages: each halves, rounding up. */
export function downsampled(size: number): number {
  return Math.ceil(Math.ceil(Math.ceil(size / 2) / 2) / 2);
}

/** Length of the pooled vector: (mean, std) of 8 * channels maps with featureSize / 8 rows each. */
export function pooledSize(config: Pick<ResNetConfig, 'channels' | 'featureSize'>): number {
  return 2 * 8 * config.channels * downsampled(config.featureSize);
}

/** Canonical tensor names and shapes, in canonical order; convolutions are [out, kF, kT, in]. */
export function canonicalShapes(config: ResNetConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const conv of convPlan(config)) {
    shapes.set(`${conv.name}.weight`, [conv.outChannels, conv.kernel, conv.kernel, conv.inChannels]);
    shapes.set(`${conv.name}.bias`, [conv.outChannels]);
  }
  shapes.set('embedding.weight', [config.dimension, pooledSize(config)]);
  shapes.set('embedding.bias', [config.dimension]);
  return shapes;
}

/** Parameters of the fused network. */
export function countParameters(config: ResNetConfig): number {
  let count = 0;
  for (const shape of canonicalShapes(config).values()) count += shape.reduce((a, b) => a * b, 1);
  return count;
}

/** Multiply-adds of the convolutions and the last linear layer for one window of `frames`. */
export function countMultiplyAdds(config: ResNetConfig, frames: number): number {
  let height = config.featureSize;
  let width = frames;
  let count = 0;
  for (const conv of convPlan(config)) {
    // A stage's stride is taken by its first conv; the shortcut beside it yields maps of the same size.
    if (conv.stride === 2 && conv.kernel === 3) {
      height = Math.ceil(height / 2);
      width = Math.ceil(width / 2);
    }
    count += conv.outChannels * conv.inChannels * conv.kernel ** 2 * height * width;
  }
  return count + config.dimension * pooledSize(config);
}
