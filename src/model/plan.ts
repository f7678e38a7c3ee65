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

/** How many times a stage's channels its blocks give out. */
export function expansion({ block }: Pick<ResNetConfig, 'block'>): number {
  return block === 'bottleneck' ? 4 : 1;
}

/** Every convolution, in the order in which the network runs them: also the order of the canonical file. */
export function convPlan(config: ResNetConfig): ConvSpec[] {
  const { blocks, channels } = config;
  const plan: ConvSpec[] = [
    { name: 'conv1', norm: 'bn1', inChannels: 1, outChannels: channels, kernel: 3, stride: 1 },
  ];
  let inChannels = channels;
  for (const [stage, count] of blocks.entries()) {
    const planes = channels * 2 ** stage;
    const outChannels = planes * expansion(config);
    for (let block = 0; block < count; block++) {
      const at = `layer${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const add = (index: number, sizes: Omit<ConvSpec, 'name' | 'norm'>): void => {
        plan.push({ name: `${at}.conv${index}`, norm: `${at}.bn${index}`, ...sizes });
      };
      if (config.block === 'bottleneck') {
        add(1, { inChannels, outChannels: planes, kernel: 1, stride: 1 });
        add(2, { inChannels: planes, outChannels: planes, kernel: 3, stride });
        add(3, { inChannels: planes, outChannels, kernel: 1, stride: 1 });
      } else {
        add(1, { inChannels, outChannels, kernel: 3, stride });
        add(2, { inChannels: outChannels, outChannels, kernel: 3, stride: 1 });
      }
      if (stride !== 1 || inChannels !== outChannels) {
        const norm = `${at}.shortcut.norm`;
        plan.push({ name: `${at}.shortcut`, norm, inChannels, outChannels, kernel: 1, stride });
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

/** Numbers in a step of the feature maps: the last stage's maps with featureSize / 8 rows each. */
export function columnSize(config: Pick<ResNetConfig, 'channels' | 'featureSize' | 'block'>): number {
  return 8 * config.channels * expansion(config) * downsampled(config.featureSize);
}

/** Length of the pooled vector: mean and deviation of each of them. */
export function pooledSize(config: Pick<ResNetConfig, 'channels' | 'featureSize' | 'block'>): number {
  return 2 * columnSize(config);
}

/** The matrices after the feature maps, in canonical order; `attention2` has no bias, for it would change nothing. */
export function linearPlan(config: ResNetConfig): [name: string, rows: number, columns: number][] {
  const { attention, hidden, dimension } = config;
  const column = columnSize(config);
  const plan: [string, number, number][] = [];
  if (attention) plan.push(['attention1', attention.units, column], ['attention2', column, attention.units]);
  if (hidden !== undefined) plan.push(['hidden', hidden, pooledSize(config)]);
  plan.push(['embedding', dimension, hidden ?? pooledSize(config)]);
  return plan;
}

/** Canonical tensor names and shapes, in canonical order; convolutions are [out, kF, kT, in]. */
export function canonicalShapes(config: ResNetConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const conv of convPlan(config)) {
    shapes.set(`${conv.name}.weight`, [conv.outChannels, conv.kernel, conv.kernel, conv.inChannels]);
    shapes.set(`${conv.name}.bias`, [conv.outChannels]);
  }
  for (const [name, rows, columns] of linearPlan(config)) {
    shapes.set(`${name}.weight`, [rows, columns]);
    if (name !== 'attention2') shapes.set(`${name}.bias`, [rows]);
  }
  return shapes;
}

/** Parameters of the fused network. */
export function countParameters(config: ResNetConfig): number {
  let count = 0;
  for (const shape of canonicalShapes(config).values()) count += shape.reduce((a, b) => a * b, 1);
  return count;
}

/** Multiply-adds of the convolutions and the linear layers for one window of `frames`. */
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
  for (const [name, rows, columns] of linearPlan(config)) {
    count += rows * columns * (name.startsWith('attention') ? width : 1);
  }
  return count;
}
