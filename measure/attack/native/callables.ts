import { gateWeights } from '../../../src/fbank/gate-weights.js';
import { describeFeatures, describeNetwork } from '../../../src/model/network.js';
import { nativeTensors } from '../../../src/native/engine.js';
import { loadAddon } from '../../../src/native/load-addon.js';
import { FRAME_SAMPLES, MEL_BINS } from '../../../src/stream/geometry.js';
import { randomModel, TINY } from '../../random-model.js';

/** A function of the addon, or a method of what one makes. */
export interface Callable {
  /** Arguments that it takes. */
  readonly takes: readonly unknown[];
  /** What it is a method of: a fresh one. */
  on(): unknown;
  /** Its function is that of `own`, and `self` is what it finds as `this`. */
  call(own: unknown, args: readonly unknown[], self: unknown): unknown;
}

const addon = loadAddon();
const described = describeNetwork(randomModel(TINY));
const { pooling: pooled } = describeFeatures(randomModel(TINY));
const engineArguments = ['cpu', described, nativeTensors(described), 1, 'fp32'] as const;
const FRAMES = 20;
const DIMENSION = 8;

const makers = {
  createEngine: engineArguments,
  createGateNetwork: [gateWeights()],
  createLogMel: [],
  createMaskedPooling: [pooled, nativeTensors(pooled)],
  createMatrix: [new Float32Array(12), 3],
  createVectorIndex: [DIMENSION],
  engines: [],
} as const satisfies Record<string, readonly unknown[]>;

type Maker = keyof typeof makers;

/** Methods, by what makes their object. */
const methods: Partial<Record<Maker, Readonly<Record<string, readonly unknown[]>>>> = {
  createEngine: {
    run: [new Float32Array(FRAMES * TINY.featureSize), 1, FRAMES],
    close: [],
    network: [],
    device: [],
  },
  createGateNetwork: { score: [new Float32Array(2 * MEL_BINS), new Float64Array(2)], reset: [] },
  createLogMel: { compute: [new Float32Array(2 * FRAME_SAMPLES), 2, new Float32Array(2 * MEL_BINS)] },
  createMaskedPooling: { pool: [new Float32Array(5 * 10 * 64), 5, new Float32Array(10), 2] },
  createMatrix: { times: [new Float32Array(4), new Float64Array(3)] },
  createVectorIndex: {
    add: [new Float32Array(2 * DIMENSION).fill(0.1)],
    search: [new Float32Array(DIMENSION).fill(0.1), 1, 0],
    remove: [0],
    size: [],
    bytes: [],
  },
};

function invoke(own: unknown, name: string, args: readonly unknown[], self = own): unknown {
  const method = (own as Record<string, (this: unknown, ...args: unknown[]) => unknown>)[name]!;
  return Reflect.apply(method, self, args);
}

/** By name: `createMatrix`, `createMatrix().times`. */
export const callables: Readonly<Record<string, Callable>> = Object.fromEntries(
  (Object.keys(makers) as Maker[]).flatMap((maker): [string, Callable][] => {
    const made: [string, Callable] = [
      maker,
      { takes: makers[maker], on: () => addon, call: (own, args, self) => invoke(own, maker, args, self) },
    ];
    const ofMade = Object.entries(methods[maker] ?? {}).map(([method, takes]): [string, Callable] => [
      `${maker}().${method}`,
      {
        takes,
        on: () => invoke(addon, maker, makers[maker]),
        call: (own, args, self) => invoke(own, method, args, self),
      },
    ]);
    return [made, ...ofMade];
  }),
);
