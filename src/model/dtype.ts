/** Element types that weight files use. All are little-endian; so is every platform Node runs on here. */
export type FloatType = 'F16' | 'BF16' | 'F32' | 'F64';

export const BYTES_PER_ELEMENT: Readonly<Record<FloatType, number>> = { F16: 2, BF16: 2, F32: 4, F64: 8 };

/** Look a name from a file up in a table; `constructor` and its kin are not in it. */
export function lookup<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Number of elements of a shape, or undefined where it is not a list of sizes that can be counted exactly. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    count *= size;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/** Decode a whole number of elements; the result owns its memory. */
export function decodeFloats(bytes: Uint8Array, type: FloatType): Float32Array | Float64Array {
  // Not bytes.slice(): on a Buffer that shares the memory.
  const owned = new Uint8Array(bytes).buffer;
  switch (type) {
    case 'F32':
      return new Float32Array(owned);
    case 'F64':
      return new Float64Array(owned);
    case 'BF16':
      return fromBfloat16(new Uint16Array(owned));
    case 'F16':
      return fromHalves(new Uint16Array(owned));
  }
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(halves: Uint16Array): Float32Array {
  const words = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(words.buffer);
}

/** Every half there is, as a float32: weights are millions of them, and read before anything else can begin. */
let halves: Float32Array | undefined;

function fromHalves(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => fromHalf(half));
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) floats[i] = halves[bits[i]!]!;
  return floats;
}

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** A number as IEEE 754 binary16, rounded to the nearest, ties to even. */
export function toHalf(value: number): number {
  single[0] = value;
  const sign = (singleBits[0]! >>> 16) & 0x8000;
  const magnitude = Math.abs(single[0]);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  // 65520 is half way to what would come after the greatest.
  if (magnitude >= 65_520) return sign | 0x7c00;
  const exponent = magnitude < 2 ** -14 ? -14 : Math.floor(Math.log2(magnitude));
  const steps = magnitude / 2 ** (exponent - 10);
  const below = Math.floor(steps);
  const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1) ? 1 : 0;
  // Below 2^-14 the exponent's bits are 0; else 2^10 of the steps stand for them. A carry goes on by itself.
  return sign | (((exponent + 14) << 10) + below + up);
}

/**
 * Gather a strided view of `shape` into row-major order. The caller has checked that every index lies
 * inside `values`. Strides count elements.
 */
export function gatherStrided<Floats extends Float32Array | Float64Array>(
  values: Floats,
  shape: readonly number[],
  strides: readonly number[],
  out: Floats,
): Floats {
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Row-major strides, in elements. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}
