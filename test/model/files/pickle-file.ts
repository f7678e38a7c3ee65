import { zipSync, type Zippable } from 'fflate';
import { floatBytes, type TestTensor } from './weights.js';

/** Pickle opcodes as bytes, to compose streams by hand. */
export const op = {
  proto: (version = 2) => Buffer.from([0x80, version]),
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  text: (text: string) => {
    const utf8 = Buffer.from(text);
    return Buffer.concat([Buffer.from('X'), uint32(utf8.length), utf8]);
  },
  integer: (value: number) => Buffer.concat([Buffer.from('J'), uint32(value)]),
  tuple: (...items: Uint8Array[]) => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
  dict: (...pairs: [Uint8Array, Uint8Array][]) =>
    Buffer.concat([Buffer.from('}('), ...pairs.flat(), Buffer.from('u')]),
  reduce: (callee: Uint8Array, args: Uint8Array) => Buffer.concat([callee, args, Buffer.from('R')]),
  build: (object: Uint8Array, state: Uint8Array) => Buffer.concat([object, state, Buffer.from('b')]),
  newObject: (cls: Uint8Array, args: Uint8Array) => Buffer.concat([cls, args, Buffer.from('\x81', 'latin1')]),
  persistent: (id: Uint8Array) => Buffer.concat([id, Buffer.from('Q')]),
  none: Buffer.from('N'),
  false: Buffer.from('\x89', 'latin1'),
  emptyTuple: Buffer.from(')'),
  stop: Buffer.from('.'),
};

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export interface TensorFields {
  key: string;
  storage: string;
  elements: number;
  offset: number;
  shape: readonly number[];
  strides: readonly number[];
}

/** One tensor as `torch.save` refers to it. */
export function tensorPickle(fields: TensorFields): Uint8Array {
  const { key, storage, elements, offset, shape, strides } = fields;
  const reference = op.tuple(
    op.text('storage'),
    op.global('torch', storage),
    op.text(key),
    op.text('cpu'),
    op.integer(elements),
  );
  return op.reduce(
    op.global('torch._utils', '_rebuild_tensor_v2'),
    op.tuple(
      op.persistent(reference),
      op.integer(offset),
      op.tuple(...shape.map(op.integer)),
      op.tuple(...strides.map(op.integer)),
      op.false,
      op.reduce(op.global('collections', 'OrderedDict'), op.emptyTuple),
    ),
  );
}

/** A state dict as an OrderedDict; `edit` may tamper with each tensor. */
export function stateDictPickle(
  tensors: ReadonlyMap<string, TestTensor>,
  edit: (name: string, fields: TensorFields) => void = () => undefined,
): Uint8Array {
  const pairs = [...tensors].map(([name, { shape, data }], index): [Uint8Array, Uint8Array] => {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const fields = {
      key: String(index),
      storage: 'FloatStorage',
      elements: data.length,
      offset: 0,
      shape,
      strides,
    };
    edit(name, fields);
    return [op.text(name), tensorPickle(fields)];
  });
  const dict = op.reduce(op.global('collections', 'OrderedDict'), op.emptyTuple);
  return Buffer.concat([dict, Buffer.from('('), ...pairs.flat(), Buffer.from('u')]);
}

/** The zip that `torch.save` writes: `archive/data.pkl` and the storages. */
export function torchFile(
  pickle: Uint8Array,
  tensors: ReadonlyMap<string, TestTensor>,
  more: Zippable = {},
): Uint8Array {
  const entries: Zippable = { 'archive/data.pkl': Buffer.concat([op.proto(), pickle, op.stop]) };
  for (const [index, { data }] of [...tensors.values()].entries())
    entries[`archive/data/${index}`] = floatBytes(data);
  return zipSync({ ...entries, ...more }, { level: 0, mtime: '2000-01-01' });
}
