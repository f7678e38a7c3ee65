import { gatherStrided } from '../dtype.js';
import type { NetworkDescription } from '../network.js';
import type { Tensor } from '../types.js';
import type { SegmentationWeights } from './canonical.js';
import { DIRECTIONS, SEGMENTATION } from './plan.js';
import { sincFilters } from './sinc-filters.js';

/**
 * The network as the native core takes it: convolutions [out, taps, in], the filters computed, the two directions of an
 * LSTM layer one after another, its two biases added up.
 */
export function describeSegmentation({ tensors }: SegmentationWeights): NetworkDescription {
  const { filters, filterTaps, channels, units, layers, linear, classes } = SEGMENTATION;
  const native = new Map<string, Tensor>();
  const data = (name: string): Float32Array => tensors.get(name)!.data;
  const copy = (to: string, from: string): void => {
    for (const part of ['weight', 'bias']) native.set(`${to}.${part}`, tensors.get(`${from}.${part}`)!);
  };
  const convolution = (to: string, from: string): void => {
    copy(to, from);
    native.set(`${to}.weight`, tapsFirst(tensors.get(`${from}.weight`)!));
  };

  copy('wav_norm', 'sincnet.wav_norm1d');
  const bank = 'sincnet.conv1d.0.filterbank';
  const low = data(`${bank}.low_hz_`);
  const parameters = { low, band: data(`${bank}.band_hz_`), window: data(`${bank}.window_`) };
  native.set('filters.weight', { shape: [filters, filterTaps, 1], data: sincFilters(parameters) });
  for (const i of [0, 1, 2]) copy(`norm${i}`, `sincnet.norm1d.${i}`);
  for (const i of [1, 2]) convolution(`conv${i}`, `sincnet.conv1d.${i}`);
  for (let layer = 0; layer < layers; layer++) {
    const both = (name: string): Float32Array[] =>
      DIRECTIONS.map((direction) => data(`lstm.${name}_l${layer}${direction}`));
    const inputs = layer === 0 ? channels : 2 * units;
    const input = `lstm.${layer}.input`;
    native.set(`${input}.weight`, { shape: [8 * units, 1, inputs], data: joined(both('weight_ih')) });
    native.set(`${input}.bias`, {
      shape: [8 * units],
      data: sum(joined(both('bias_ih')), joined(both('bias_hh'))),
    });
    native.set(`lstm.${layer}.recurrent`, { shape: [2, 4 * units, units], data: joined(both('weight_hh')) });
  }
  for (const [to, from] of [
    ['linear0', 'linear.0'],
    ['linear1', 'linear.1'],
    ['classifier', 'classifier'],
  ] as const) {
    convolution(to, from);
  }
  const sizes = { filters, channels, units, layers, linear, classes };
  return {
    name: 'pyannet',
    sizes: Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, [size]])),
    tensors: native,
  };
}

/** [out, in] or [out, in, taps] to [out, taps, in]; a linear layer has one tap. */
function tapsFirst({ shape, data }: Tensor): Tensor {
  const [out = 0, inputs = 0, taps = 1] = shape;
  const turned = [out, taps, inputs];
  const strides = [inputs * taps, 1, taps];
  return { shape: turned, data: gatherStrided(data, turned, strides, new Float32Array(data.length)) };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sum(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value + b[i]!);
}
