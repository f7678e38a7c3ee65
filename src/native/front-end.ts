import type { FrontEnd } from '../fbank/feature-extractor.js';
import { gateWeights } from '../fbank/gate-weights.js';
import type { GateNetwork } from '../fbank/gate-network.js';
import { logMelTables } from '../fbank/log-mel-tables.js';
import type { LogMel } from '../fbank/log-mel.js';
import { NeuralGate } from '../fbank/neural-gate.js';
import { MEL_BINS } from '../fbank/types.js';
import type { FrameBlock } from '../stream/types.js';
import { fromNativeError } from './addon.js';
import { loadAddon } from './load-addon.js';

/** `Fbank` in native code, several frames at a time: the same bits. @throws WhospeaksError `addon-missing` */
export class NativeLogMel implements LogMel {
  readonly #native = made(() => loadAddon().createLogMel(logMelTables()));

  compute({ samples, count }: FrameBlock): Float32Array {
    const features = new Float32Array(count * MEL_BINS);
    this.#native.compute(samples, count, features);
    return features;
  }
}

/** `DenseGateNetwork` in native code, several units at a time: the same bits. @throws WhospeaksError `addon-missing` */
export class NativeGateNetwork implements GateNetwork {
  readonly #native = made(() => loadAddon().createGateNetwork(gateWeights()));

  scores(features: Float32Array, count: number): Float64Array {
    const scores = new Float64Array(count);
    this.#native.score(features, scores);
    return scores;
  }

  reset(): void {
    this.#native.reset();
  }
}

/** It keeps nothing from call to call, so that one is enough for all streams of a thread. */
let logMel: NativeLogMel | undefined;

/** Features and speech gate in native code: `features(nativeFrontEnd)` gives what `features()` gives, to the bit, sooner. */
export const nativeFrontEnd: Required<FrontEnd> = {
  makeLogMel: () => (logMel ??= new NativeLogMel()),
  makeGate: () => new NeuralGate(new NativeGateNetwork()),
};

function made<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw fromNativeError(error);
  }
}
