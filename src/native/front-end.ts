import { WhospeaksError } from '../errors.js';
import type { FrontEnd } from '../fbank/feature-extractor.js';
import { gateWeights } from '../fbank/gate-weights.js';
import type { GateNetwork } from '../fbank/gate-network.js';
import type { LogMel } from '../fbank/log-mel.js';
import { NeuralGate } from '../fbank/neural-gate.js';
import { FRAME_SAMPLES, MEL_BINS } from '../stream/geometry.js';
import type { FrameBlock } from '../stream/types.js';
import { fromNativeError } from './addon.js';
import { loadAddon } from './load-addon.js';

/** Numbers of the speech gate's state: kGateUnits of front_end.h. */
const GATE_UNITS = 64;

/** Log-mel features in native code: see front_end.h. @throws WhospeaksError `addon-missing` */
export class NativeLogMel implements LogMel {
  readonly #native = coded(() => loadAddon().createLogMel());

  compute({ samples, count }: FrameBlock): Float32Array {
    checkRows('NativeLogMel.compute: samples', samples, count, FRAME_SAMPLES);
    const features = new Float32Array(count * MEL_BINS);
    coded(() => {
      this.#native.compute(samples, count, features);
    });
    return features;
  }
}

/** The speech gate's network in native code: see front_end.h. @throws WhospeaksError `addon-missing` */
export class NativeGateNetwork implements GateNetwork {
  readonly #native = coded(() => loadAddon().createGateNetwork(gateWeights()));

  scores(features: Float32Array, count: number): Float64Array {
    checkRows('NativeGateNetwork.scores: features', features, count, MEL_BINS);
    const scores = new Float64Array(count);
    coded(() => {
      this.#native.score(features, scores);
    });
    return scores;
  }

  reset(): void {
    this.#native.reset();
  }

  save(): Float64Array {
    const state = new Float64Array(GATE_UNITS);
    coded(() => {
      this.#native.readState(state);
    });
    return state;
  }

  load(state: Float64Array): void {
    coded(() => {
      this.#native.writeState(state);
    });
  }
}

/** It keeps nothing from call to call, so that one is enough for all streams of a thread. */
let logMel: NativeLogMel | undefined;

/** Features and speech gate, in native code: `features(nativeFrontEnd)`. The same sound has the same bits on every machine. */
export const nativeFrontEnd: FrontEnd = {
  makeLogMel: () => (logMel ??= new NativeLogMel()),
  makeGate: () => new NeuralGate(new NativeGateNetwork()),
};

/** Before room is made for what comes of them: `count` may be anything. */
function checkRows(name: string, values: Float32Array, count: number, size: number): void {
  if (Number.isInteger(count) && count >= 0 && count * size <= values.length) return;
  throw new WhospeaksError(
    'engine-failed',
    `${name}: expected count x ${size} numbers of a count of ${count}, received ${values.length}`,
  );
}

function coded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fromNativeError(error);
  }
}
