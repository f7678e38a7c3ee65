import { createRequire } from 'node:module';
import { gateWeights } from '../../src/fbank/gate-weights.js';
import { describeFeatures, describeNetwork } from '../../src/model/network.js';
import type { NativeAddon } from '../../src/native/addon.js';
import { nativeTensors } from '../../src/native/engine.js';
import { loadAddon } from '../../src/native/load-addon.js';
import { randomModel, TINY } from '../../measure/random-model.js';

// Every function of the addon that takes arguments, and arguments that it takes.

/** Another build of it, for the sanitizers: see scripts/build-addon.mjs. */
const other = process.env.WHOSPEAKS_TEST_ADDON;
export const addon =
  other === undefined ? loadAddon() : (createRequire(import.meta.url)(other) as NativeAddon);
const described = describeNetwork(randomModel(TINY));
export const network = { name: described.name, sizes: described.sizes };
export const tensors = nativeTensors(described);
const { pooling: pooled } = describeFeatures(randomModel(TINY));
const poolingTensors = nativeTensors(pooled);
export const makeEngine = (...args: unknown[]): unknown =>
  (addon.createEngine as (...args: unknown[]) => unknown)(...args);
export const engine = await addon.createEngine('cpu', network, tensors, 1, 'fp32');
export const gate = addon.createGateNetwork(gateWeights());
export const logMel = addon.createLogMel();
export const pooling = addon.createMaskedPooling(pooled, poolingTensors);
export const matrix = addon.createMatrix(new Float32Array(6), 2);
export const index = addon.createVectorIndex(4);
index.add(new Float32Array(8));

export const f32 = (length: number): Float32Array => new Float32Array(length);
export const f64 = (length: number): Float64Array => new Float64Array(length);

export type Kind = 'f32' | 'f64' | 'u16' | 'integer' | 'number' | 'text' | 'object' | 'list';
export interface Argument {
  readonly name: string;
  readonly kind: Kind;
  readonly good: unknown;
  /** Values of the right type that cannot be, where they are others than those of the kind. */
  readonly wrong?: readonly unknown[] | undefined;
}
export interface Method {
  readonly name: string;
  readonly call: (...args: unknown[]) => unknown;
  readonly args: readonly Argument[];
}

const arg = (name: string, kind: Kind, good: unknown, wrong?: readonly unknown[]): Argument => ({
  name,
  kind,
  good,
  wrong,
});
const on = (object: object, name: string, ...args: Argument[]): Method => ({
  name,
  call: (...given) => (object as Record<string, (...given: unknown[]) => unknown>)[name]!(...given),
  args,
});

/** A function of one object, as a function of the object's properties. */
function parts(name: string, object: object, kindOf: (key: string) => Kind): Method {
  const keys = Object.keys(object);
  return {
    name,
    call: (...given) => on(addon, name).call(Object.fromEntries(keys.map((key, i) => [key, given[i]]))),
    args: Object.entries(object).map(([key, good]) => arg(`.${key}`, kindOf(key), good)),
  };
}

const first = tensors[0]!;
export const METHODS: readonly Method[] = [
  on(
    addon,
    'createEngine',
    arg('name', 'text', 'cpu'),
    arg('network', 'object', network),
    arg('tensors', 'list', tensors),
    arg('threads', 'integer', 1),
    arg('precision', 'text', 'fp32'),
  ),
  {
    name: 'createEngine, network',
    call: (name, sizes) => makeEngine('cpu', { name, sizes }, tensors, 1, 'fp32'),
    args: [arg('.name', 'text', network.name), arg('.sizes', 'object', network.sizes)],
  },
  {
    name: 'createEngine, sizes',
    call: (blocks, block) => {
      const sizes = { ...network.sizes, blocks: blocks === TINY.blocks ? [1, 2, 1, block] : blocks };
      return makeEngine('cpu', { ...network, sizes }, tensors, 1, 'fp32');
    },
    args: [arg('.sizes.blocks', 'list', TINY.blocks), arg('.sizes.blocks[3]', 'integer', 1)],
  },
  {
    name: 'createEngine, tensor',
    call: (name, shape, axis, data) =>
      makeEngine(
        'cpu',
        network,
        [
          { name, shape: shape === first.shape ? [axis, ...first.shape.slice(1)] : shape, data },
          ...tensors.slice(1),
        ],
        1,
        'fp32',
      ),
    args: [
      arg('tensors[0].name', 'text', first.name),
      arg('tensors[0].shape', 'list', first.shape),
      arg('tensors[0].shape[0]', 'integer', first.shape[0]),
      arg('tensors[0].data', 'f32', first.data),
    ],
  },
  on(addon, 'createGateNetwork', arg('weights', 'object', gateWeights())),
  parts('createGateNetwork', gateWeights(), (key) => (key === 'outBias' ? 'number' : 'f64')),
  on(addon, 'createMaskedPooling', arg('network', 'object', pooled), arg('tensors', 'list', poolingTensors)),
  on(
    pooling,
    'pool',
    arg('columns', 'f32', f32(5 * 10 * 64)),
    arg('width', 'integer', 5),
    arg('masks', 'f32', f32(10), [f32(9), f32(10).fill(NaN), f32(10).fill(-1)]),
    arg('count', 'integer', 2),
  ),
  on(addon, 'createMatrix', arg('values', 'f32', f32(6)), arg('rows', 'integer', 2)),
  on(addon, 'createVectorIndex', arg('dimension', 'integer', 4)),
  on(engine, 'run', arg('input', 'f32', f32(1600)), arg('batch', 'integer', 1), arg('frames', 'integer', 20)),
  on(
    logMel,
    'compute',
    arg('frames', 'f32', f32(800)),
    arg('count', 'integer', 2),
    arg('features', 'f32', f32(160)),
  ),
  on(gate, 'score', arg('features', 'f32', f32(160)), arg('scores', 'f64', f64(2), [f64(3), f64(1000)])),
  on(gate, 'readState', arg('state', 'f64', f64(64), [f64(1), f64(65)])),
  on(gate, 'writeState', arg('state', 'f64', f64(64), [f64(1), f64(65)])),
  on(matrix, 'times', arg('vector', 'f32', f32(3)), arg('out', 'f64', f64(2))),
  on(index, 'add', arg('vectors', 'f32', f32(0), [f32(3), f32(5), f32(4).fill(NaN)])),
  on(index, 'remove', arg('slot', 'integer', 0)),
  on(
    index,
    'search',
    arg('query', 'f32', f32(4), [f32(3), f32(5), f32(0), f32(4).fill(Infinity)]),
    arg('count', 'integer', 1),
    arg('rescored', 'integer', 0),
  ),
];
