import { allFinite } from '../finite.js';
import { corrupt, formatShape, quote, unsupported, wrongShape } from './fault.js';
import type { ConvSpec } from './plan.js';
import type { RawTensor } from './raw.js';

/** Order of a convolution's axes: PyTorch's, or MLX's. H is frequency, W is time. */
export type Layout = 'OIHW' | 'OHWI';

/** Looks tensors up by name, with their shapes checked first and their values after. */
export class CheckedReader {
  private readonly expected = new Set<string>();

  constructor(
    private readonly source: string,
    private readonly tensors: ReadonlyMap<string, RawTensor>,
  ) {}

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  expect(name: string, shape: readonly number[]): void {
    this.expected.add(name);
    const received = this.tensors.get(name)?.shape;
    if (!received) throw wrongShape(this.source, name, formatShape(shape), 'none');
    if (received.length !== shape.length || shape.some((size, axis) => size !== received[axis])) {
      throw wrongShape(this.source, name, formatShape(shape), formatShape(received));
    }
  }

  /** A convolution has a BatchNorm, or a bias that took it in. */
  expectConv(conv: ConvSpec, layout: Layout): void {
    const { inChannels: i, outChannels: o, kernel: k } = conv;
    this.expect(`${conv.name}.weight`, layout === 'OIHW' ? [o, i, k, k] : [o, k, k, i]);
    const fused = !this.has(`${conv.norm}.weight`) && this.has(`${conv.name}.bias`);
    if (!fused) {
      for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
        this.expect(`${conv.norm}.${part}`, [o]);
    }
    if (this.has(`${conv.name}.bias`)) this.expect(`${conv.name}.bias`, [o]);
  }

  /** A matrix, as a linear layer or a convolution of kernel 1 has it: axes of size 1 after the first may stand anywhere. */
  expectMatrix(name: string, rows: number, columns: number): void {
    this.expected.add(name);
    const received = this.tensors.get(name)?.shape;
    const [first, ...others] = received ?? [];
    const inner = others.filter((size) => size !== 1);
    const fits = columns === 1 ? inner.length === 0 : inner.length === 1 && inner[0] === columns;
    if (first === rows && fits && received!.length >= 2 && received!.length <= 4) return;
    const shown = received === undefined ? 'none' : formatShape(received);
    throw wrongShape(this.source, name, formatShape([rows, columns]), shown);
  }

  /** A BatchNorm that may be there; its own weight and bias may be absent, as of one that has none. */
  expectNorm(name: string, size: number): void {
    for (const part of ['running_mean', 'running_var', 'weight', 'bias']) {
      if (this.has(`${name}.${part}`)) this.expect(`${name}.${part}`, [size]);
    }
    if (this.has(`${name}.running_mean`)) this.expect(`${name}.running_var`, [size]);
  }

  rejectOthers(): void {
    for (const name of this.tensors.keys()) {
      if (!this.expected.has(name)) {
        throw unsupported(this.source, `tensor ${quote(name)} is not part of a WeSpeaker ResNet`);
      }
    }
  }

  read(name: string): Float32Array | Float64Array {
    const values = this.tensors.get(name)!.read();
    if (!allFinite(values)) throw corrupt(this.source, `tensor ${quote(name)} holds NaN or infinity`);
    return values;
  }
}
