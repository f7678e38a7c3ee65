import { afterAll, describe, expect, it } from 'vitest';
import {
  addon,
  engine,
  f32,
  f64,
  gate,
  index,
  logMel,
  makeEngine,
  matrix,
  pooling,
  METHODS,
  network,
  tensors,
  type Argument,
  type Kind,
  type Method,
} from './addon-methods.js';

// All that the addon must refuse: what it let through would read or write past memory, so `npm run test:sanitize` runs
// this under the address sanitizer too.

const OBJECTS: readonly object[] = [engine, gate, logMel, matrix, pooling, index];
afterAll(() => {
  engine.close();
});

const ARRAYS = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
  Float64Array, BigInt64Array, BigUint64Array,
] as const; // prettier-ignore
type AnyArray = InstanceType<(typeof ARRAYS)[number]>;
const KIND: Partial<Record<Kind, (typeof ARRAYS)[number]>> = {
  f32: Float32Array,
  f64: Float64Array,
  u16: Uint16Array,
};

/** Node has it, the types do not know it yet. */
const Resizable = ArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(bytes: number): void };

const length = (value: unknown): number => (ArrayBuffer.isView(value) ? (value as AnyArray).length : 4);

/** What is of another type, whatever the size. */
function wrongTypes({ kind, good }: Argument): unknown[] {
  const own = KIND[kind];
  const size = length(good);
  const wrong: unknown[] = [undefined, null, true, Symbol('s'), 10n, () => 1];
  if (kind !== 'text') wrong.push('text');
  if (kind !== 'integer' && kind !== 'number') wrong.push(1);
  if (kind !== 'object')
    wrong.push({}, { length: size }, new ArrayBuffer(4 * size), new DataView(new ArrayBuffer(8)));
  if (kind !== 'list' && kind !== 'object') wrong.push(Array.from({ length: size }, () => 0));
  if (kind !== 'object')
    wrong.push(...ARRAYS.filter((array) => array !== own).map((array) => new array(size)));
  if (own !== undefined) wrong.push(detached(new own(size)), shared(own, size));
  return wrong;
}

/** What is of the right type and cannot be. */
function wrongValues({ kind, good, wrong }: Argument): readonly unknown[] {
  if (wrong !== undefined) return wrong;
  if (kind === 'number') return [NaN, Infinity, -Infinity];
  if (kind === 'integer')
    return [NaN, Infinity, -Infinity, -1, 1.5, 2 ** 32, 2 ** 53, Number.MAX_VALUE, -0.5];
  const own = KIND[kind];
  if (own === undefined) return [];
  const size = length(good);
  const buffer = new Resizable(8 * size, { maxByteLength: 8 * size });
  const view = new own(buffer, 0, size);
  buffer.resize(0);
  return [new own(size - 1), new own(0), view];
}

function shared(kind: (typeof ARRAYS)[number], size: number): unknown {
  const onShared = kind as new (buffer: SharedArrayBuffer, offset: number, length: number) => unknown;
  return new onShared(new SharedArrayBuffer(8 * size), 0, size);
}

function detached<T extends ArrayBufferView>(view: T): T {
  structuredClone(view, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

function attempt(method: Method, at: number, value: unknown): unknown {
  try {
    const result = method.call(...method.args.map(({ good }, i) => (i === at ? value : good)));
    // It was taken, and this test fails: its promise is not to be the failure.
    if (result instanceof Promise) result.catch(() => undefined);
    return `no error for ${method.name}, ${method.args[at]!.name}`;
  } catch (error) {
    return error;
  }
}

const MESSAGE = /^\w+: .+: expected .+, received .+$/;
const TABLE = METHODS.flatMap((method) =>
  method.args.map((argument, at) => ({ ...argument, at, method, where: method.name })),
);

describe('the addon refuses', () => {
  it.each(TABLE)('$where, $name of another type', ({ at, method, ...argument }) => {
    for (const value of wrongTypes(argument)) {
      const error = attempt(method, at, value);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({
        code: 'invalid-option',
        message: expect.stringMatching(MESSAGE) as unknown,
      });
      expect((error as Error).message).toContain(argument.name);
    }
  });

  it.each(TABLE)('$where, $name of another value', ({ at, method, ...argument }) => {
    for (const value of wrongValues(argument)) {
      const error = attempt(method, at, value);
      // How many numbers a table holds is for the core to say.
      const core =
        error instanceof Error && error.message.includes('has another size than this addon was built for');
      if (!core) expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ code: expect.stringMatching(/^[a-z]+-[a-z]+$/) as unknown });
    }
  });

  it.each(METHODS)('$name, without its arguments', ({ call }) => {
    expect(() => call()).toThrow(TypeError);
  });

  it('no function that it has goes untested', () => {
    const functions = (object: object, names: string[]): string[] =>
      names.filter((name) => typeof (object as Record<string, unknown>)[name] === 'function');
    const classes = OBJECTS.map((object) => Object.getPrototypeOf(object) as object);
    const all = [addon, ...classes].flatMap((object) =>
      functions(object, Object.getOwnPropertyNames(object)),
    );
    const bare = [
      'constructor',
      'engines',
      'createLogMel',
      'close',
      'network',
      'device',
      'reset',
      'size',
      'bytes',
    ];
    expect(new Set(METHODS.map(({ name }) => name.split(',')[0]))).toEqual(
      new Set(all.filter((name) => !bare.includes(name))),
    );
  });

  it('an object of another class', () => {
    for (const object of OBJECTS) {
      const type = Object.getPrototypeOf(object) as Record<string, (...args: unknown[]) => unknown>;
      for (const name of Object.getOwnPropertyNames(type)) {
        if (name === 'constructor') continue;
        const others = OBJECTS.filter((other) => other !== object);
        for (const other of [undefined, null, {}, type, f32(4), Object.create(object), ...others]) {
          expect(() => type[name]!.call(other, f32(4), 1, 1)).toThrow(TypeError);
        }
      }
    }
  });

  it('objects that its functions did not make', async () => {
    for (const object of OBJECTS) {
      const make = object.constructor as new () => { run?: (...args: unknown[]) => unknown };
      expect(() => (make as unknown as () => unknown)()).toThrow(TypeError);
      // One that needs no argument is as good as one of the function's.
      if (object === logMel) expect(() => new make()).not.toThrow();
      else if (object !== engine) expect(() => new make()).toThrow(TypeError);
      else expect(() => new make().run!(f32(1600), 1, 20)).toThrow('closed');
    }
    const closed = await addon.createEngine('cpu', network, tensors, 1, 'fp32');
    closed.close();
    expect(() => closed.run(f32(1600), 1, 20)).toThrow('closed');
  });

  it('sizes whose product overflows', () => {
    for (const [batch, frames] of [
      [2 ** 31 - 1, 6000],
      [2 ** 32 + 1, 20],
      [1, 2 ** 32 + 20],
    ] as const) {
      expect(() => engine.run(f32(1600), batch, frames)).toThrow(RangeError);
    }
    expect(() => {
      logMel.compute(f32(800), 2 ** 32 + 2, f32(160));
    }).toThrow(RangeError);
    expect(() => addon.createMatrix(f32(6), 2 ** 32 + 2)).toThrow(RangeError);
    expect(() => addon.createVectorIndex(2 ** 32 + 4)).toThrow(RangeError);
    const shape = [2 ** 31, 2 ** 31, 4, 1];
    expect(() =>
      makeEngine('cpu', network, [{ name: 'conv1.weight', shape, data: f32(0) }], 1, 'fp32'),
    ).toThrow(RangeError);
    expect(() => makeEngine('cpu', network, new Array(2 ** 32 - 1), 1, 'fp32')).toThrow(TypeError);
  });

  it('numbers that a getter takes away while they are read', () => {
    const data = Float32Array.from(tensors[0]!.data);
    const entry = {
      name: tensors[0]!.name,
      get shape() {
        detached(data);
        return tensors[0]!.shape;
      },
      data,
    };
    expect(() => makeEngine('cpu', network, [entry], 1, 'fp32')).toThrow('a detached Float32Array of 0');
  });
});

describe('the addon', () => {
  it('says what an error of a getter says', () => {
    const weights = {
      get project(): never {
        throw new Error('mine');
      },
    };
    expect(() => addon.createGateNetwork(weights as never)).toThrow('mine');
  });

  it('reads views at any offset of a buffer, and any of zero length', () => {
    const whole = Float32Array.from({ length: 20 }, (_, i) => i);
    const made = addon.createMatrix(whole.subarray(3, 9), 2);
    const out = f64(5);
    made.times(whole.subarray(1, 4), out.subarray(2, 4));
    expect(Array.from(out)).toEqual([0, 0, 3 + 8 + 15, 6 + 14 + 24, 0]);
    logMel.compute(f32(0), 0, f32(0));
    gate.score(f32(0), f64(0));
    index.add(f32(0));
    expect(index.search(f32(4), 0, 0).slots).toHaveLength(0);
  });

  it('finds no more than it holds, however many are asked for', () => {
    expect(index.search(f32(4), 2 ** 32 - 1, 2 ** 32 - 1).slots).toHaveLength(2);
    const empty = addon.createVectorIndex(4);
    expect(empty.search(f32(4), 2 ** 32 - 1, 0).slots).toHaveLength(0);
    expect(() => {
      empty.remove(0);
    }).toThrow(RangeError);
  });
});
