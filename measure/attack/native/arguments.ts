import type { Mutator } from '../../../test/mutator.js';

export type Kind =
  | 'number'
  | 'string'
  | 'object'
  | 'array'
  | 'undefined'
  | 'null'
  | 'other'
  | 'Float32Array'
  | 'Float64Array'
  | 'Uint8Array'
  | 'Uint16Array';

export const ARRAYS = [Float32Array, Float64Array, Uint8Array, Uint16Array] as const;

/** Values of every kind. Where a number or an array is wanted, one out of range is of the right kind. */
export const STRANGE: readonly (readonly [Kind, (mutator: Mutator) => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['other', () => true],
  ['other', () => 10n],
  ['other', () => Symbol('s')],
  ['other', () => () => 0],
  ['other', () => new ArrayBuffer(16)],
  ['string', (mutator) => mutator.pick(['', 'cpu', 'x'.repeat(10_000), '\ud800'])],
  ['number', (mutator) => mutator.pick([0, -1, 1.5, NaN, Infinity, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31)])],
  ['array', (mutator) => mutator.pick([[], [1, 2, 3], [null], new Array<unknown>(1000)])],
  ['object', () => ({})],
  ['object', () => Object.create(null) as object],
  ['object', () => throwing],
  ['Float32Array', (mutator) => new Float32Array(mutator.pick([0, 1, 80, 400, 65_536]))],
  ['Float64Array', (mutator) => new Float64Array(mutator.pick([0, 1, 80, 400, 65_536]))],
  ['Uint8Array', (mutator) => new Uint8Array(mutator.pick([0, 1, 80, 400, 65_536]))],
  ['other', () => new DataView(new ArrayBuffer(320))],
  ['Float32Array', () => detached()],
  ['Uint16Array', (mutator) => new Uint16Array(mutator.pick([0, 1, 80, 400]))],
];

export function kindOf(value: unknown): Kind {
  if (ArrayBuffer.isView(value)) return value.constructor.name as Kind;
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as Kind);
}

/** Every property throws. */
const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('no property for you');
    },
  },
);

/** An array whose memory has gone. */
function detached(): Float32Array {
  const array = new Float32Array(400);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}
