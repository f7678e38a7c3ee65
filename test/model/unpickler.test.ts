import { describe, expect, it } from 'vitest';
import { unpickle, type UnpickleOptions } from '../../src/model/pickle/unpickler.js';
import {
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleSet,
  PickleTuple,
  type PickleValue,
} from '../../src/model/pickle/values.js';
import { op } from './files/pickle-file.js';

const options: UnpickleOptions = {
  label: 'x.pt',
  build: () => undefined,
  resolve: (id) => id,
};
const load = (...parts: (Uint8Array | string)[]): PickleValue =>
  unpickle(
    Buffer.concat(
      [...parts, '.'].map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
    ),
    options,
  );
/** The entries of what must be a dict. */
function entriesOf(value: PickleValue): [PickleValue, PickleValue][] {
  if (!(value instanceof PickleDict)) throw new Error('not a dict');
  return [...value.entries];
}

/** The items of what must be a set. */
function itemsOf(value: PickleValue): PickleValue[] {
  if (!(value instanceof PickleSet)) throw new Error('not a set');
  return value.items;
}

const code = (value: string): object => expect.objectContaining({ code: value }) as object;

describe('the unpickler reads plain data', () => {
  // Bytes as CPython 3.11 writes them: pickle.dumps(value, protocol=N).
  it.each([
    ['protocol 0 integers', 'I5\n', 5],
    ['protocol 0 booleans', 'I01\n', true],
    ['a long of text', 'L-12345678901234567890L\n', -12345678901234567890n],
    ['a long of bytes', '\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x40', 2n ** 70n],
    ['a negative long', '\x80\x02\x8a\x01\xff', -1],
    ['a float', '\x80\x02G\x3f\xf8\x00\x00\x00\x00\x00\x00', 1.5],
    ['a float of text', 'F1.5\n', 1.5],
    ['small integers', '\x80\x02M\x01\x02', 513],
    ['text', '\x80\x02X\x03\x00\x00\x00\xe2\x82\xac', '€'],
    ['framed text', '\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00\x8c\x02hi\x94', 'hi'],
    ['a list', '\x80\x02]q\x00(K\x01K\x02e', [1, 2]],
    ['a value met again', '\x80\x02]q\x00(]q\x01h\x01e', [[], []]],
    ['values dropped', '\x80\x02K\x01K\x020', 1],
  ])('%s', (_, stream, value) => {
    expect(load(stream)).toEqual(value);
  });

  it('containers', () => {
    expect(load('\x80\x02K\x01K\x02\x86')).toEqual(new PickleTuple([1, 2]));
    expect(entriesOf(load('\x80\x02}q\x00(K\x01NK\x02\x88u'))).toEqual([
      [1, null],
      [2, true],
    ]);
    expect(itemsOf(load('\x80\x04\x8f\x94(K\x01K\x02\x90'))).toEqual([1, 2]);
    expect(itemsOf(load('\x80\x04(K\x01K\x02\x91'))).toEqual([1, 2]);
    expect(load('\x80\x03C\x02ab')).toEqual(Buffer.from('ab'));
  });

  it('leaves foreign classes as records of their parts', () => {
    const made = load(
      op.proto(),
      op.build(
        op.reduce(op.global('pyannote.audio.core.task', 'Specifications'), op.tuple(op.integer(3))),
        op.dict([op.text('a'), op.integer(1)]),
      ),
    ) as PickleObject;
    expect(made).toBeInstanceOf(PickleObject);
    expect(made.callee).toEqual(new PickleGlobal('pyannote.audio.core.task', 'Specifications'));
    expect(made.args).toEqual(new PickleTuple([3]));
    expect(entriesOf(made.state)).toEqual([['a', 1]]);
    expect(load(op.proto(), op.newObject(op.global('a', 'B'), op.emptyTuple))).toBeInstanceOf(PickleObject);
    expect(load('\x80\x04\x8c\x01a\x8c\x01B\x93)}\x92')).toBeInstanceOf(PickleObject);
    expect(load('(ia\nB\n')).toBeInstanceOf(PickleObject);
    expect(load('(ca\nB\no')).toBeInstanceOf(PickleObject);
    expect(load('cgetattr\nx\n)R')).toBeInstanceOf(PickleObject);
  });
});

describe('hostile streams', () => {
  it.each([
    ['os.system by REDUCE', 'cos\nsystem\n(X\x02\x00\x00\x00idtR'],
    ['posix.system by STACK_GLOBAL', '\x80\x04\x8c\x05posix\x8c\x06system\x93'],
    ['nt.system', 'cnt\nsystem\n'],
    ['builtins.eval', 'cbuiltins\neval\n'],
    ['builtins.exec of Python 2', 'c__builtin__\nexecfile\n'],
    ['__import__', 'cbuiltins\n__import__\n'],
    ['subprocess.Popen by INST', '(isubprocess\nPopen\n'],
    ['a dotted walk to a module', '\x80\x04\x8c\x05torch\x8c\x1a_utils.__builtins__.system\x93'],
    ['runpy', 'crunpy\nrun_path\n'],
    ['shutil.rmtree', 'cshutil\nrmtree\n'],
    ['a pickle in the pickle', 'cpickle\nloads\n'],
  ])('%s is model-unsafe', (_, stream) => {
    expect(() => load(stream)).toThrow(code('model-unsafe'));
    expect(() => load(stream)).toThrow(/asks to run/);
  });

  it.each([
    ['nothing', ''],
    ['a stack that is empty', '0.'],
    ['a memo that was never set', 'h\x07'],
    ['a mark that is missing', '\x80\x02t'],
    ['a value where the mark is', '(R'],
    ['text longer than the stream', 'X\xff\xff\xff\x7fab'],
    ['text of 2^63 bytes', '\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fab'],
    ['bytes of 2^63 bytes', '\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7fab'],
    ['an integer of 2^31 bytes', '\x80\x02\x8b\xff\xff\xff\x7fab'],
    ['a key without a value', '}(K\x01u'],
    ['items for a number', 'K\x01(K\x02e'],
    ['keys for a list', '](K\x01K\x02u'],
    ['a line without an end', `I${'1'.repeat(10_000)}`],
    ['an integer that is none', 'Ix\n'],
    ['a global whose name is no text', '\x80\x04K\x01K\x02\x93'],
    ['a memo index that is none', 'Npxyz\n'],
  ])('%s is model-corrupt', (_, stream) => {
    expect(() => load(stream)).toThrow(code('model-corrupt'));
  });

  it('refuses protocols and opcodes that weights never use', () => {
    expect(() => load('\x80\x06N')).toThrow(code('model-unsupported'));
    expect(() => load('\x82\x01')).toThrow(/0x82/);
    expect(() => load('\x97')).toThrow(/0x97/);
  });

  it('bounds the number of steps, and needs no recursion for deep nesting', () => {
    const deep = Buffer.concat([Buffer.alloc(200_000, ']'), Buffer.alloc(199_999, 'a')]);
    expect(Array.isArray(load(deep))).toBe(true);
    expect(() => load(Buffer.alloc(500_001, '}'))).toThrow(code('model-unsafe'));
  });

  it('an exponential graph of references costs nothing', () => {
    // Ten references to the last list, forty times over: 10^40 leaves if anything walked them all.
    const steps = Array.from(
      { length: 40 },
      (_, i) => `](${`h${String.fromCharCode(i)}`.repeat(10)}eq${String.fromCharCode(i + 1)}`,
    );
    expect(Array.isArray(load(`]q\0${steps.join('')}`))).toBe(true);
  });
});
