import { randomNumbers } from '../../random.js';

/** A small network of the family as a training framework would hold it: BatchNorm apart, OIHW. */
export interface TestTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface TestNetwork {
  readonly blocks: readonly [number, number, number, number];
  readonly channels: number;
  readonly featureSize: number;
  readonly dimension: number;
}

export const TINY: TestNetwork = { blocks: [1, 2, 1, 1], channels: 2, featureSize: 16, dimension: 5 };

/** WeSpeaker names and layout, written out from the description of the network, not from our plan. */
export function makeWeights(network: TestNetwork = TINY, seed = 1): Map<string, TestTensor> {
  const random = randomNumbers(seed);
  const tensors = new Map<string, TestTensor>();
  const add = (name: string, shape: number[], low = -1, high = 1): void => {
    const count = shape.reduce((a, b) => a * b, 1);
    tensors.set(name, {
      shape,
      data: Float32Array.from({ length: count }, () => low + (high - low) * random()),
    });
  };
  const norm = (name: string, size: number): void => {
    add(`${name}.weight`, [size], 0.5, 1.5);
    add(`${name}.bias`, [size]);
    add(`${name}.running_mean`, [size]);
    add(`${name}.running_var`, [size], 0.1, 2);
  };
  add('conv1.weight', [network.channels, 1, 3, 3]);
  norm('bn1', network.channels);
  let inputs = network.channels;
  network.blocks.forEach((count, stage) => {
    const outputs = network.channels << stage;
    for (let block = 0; block < count; block++) {
      const at = `layer${stage + 1}.${block}`;
      add(`${at}.conv1.weight`, [outputs, inputs, 3, 3]);
      norm(`${at}.bn1`, outputs);
      add(`${at}.conv2.weight`, [outputs, outputs, 3, 3]);
      norm(`${at}.bn2`, outputs);
      if (stage > 0 && block === 0) {
        add(`${at}.shortcut.0.weight`, [outputs, inputs, 1, 1]);
        norm(`${at}.shortcut.1`, outputs);
      }
      inputs = outputs;
    }
  });
  add('seg_1.weight', [network.dimension, (2 * inputs * network.featureSize) / 8]);
  add('seg_1.bias', [network.dimension]);
  return tensors;
}

/** The same tensors under other names. */
export function renamed(
  tensors: ReadonlyMap<string, TestTensor>,
  rename: (name: string) => string,
): Map<string, TestTensor> {
  return new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));
}

/** OIHW to OHWI: the input channel goes last. */
export function toOhwi(tensors: ReadonlyMap<string, TestTensor>): Map<string, TestTensor> {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => {
      if (shape.length !== 4) return [name, { shape, data }];
      const [o, i, h, w] = shape as [number, number, number, number];
      const turned = new Float32Array(data.length);
      for (let a = 0; a < o; a++)
        for (let b = 0; b < i; b++)
          for (let c = 0; c < h; c++)
            for (let d = 0; d < w; d++)
              turned[((a * h + c) * w + d) * i + b] = data[((a * i + b) * h + c) * w + d]!;
      return [name, { shape: [o, h, w, i], data: turned }];
    }),
  );
}

/** Little-endian bytes of float32 values. */
export function floatBytes(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
