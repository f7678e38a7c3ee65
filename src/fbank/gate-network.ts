import { DenseLayer } from './dense-layer.js';
import { gateWeights } from './gate-weights.js';
import { GATE_INPUTS, GATE_UNITS } from './speech-gate-weights.js';
import { MEL_BINS } from './types.js';

// Local, for an imported binding in an inner loop is a look-up where modules are bundled.
const BINS = MEL_BINS;
const INPUTS = GATE_INPUTS;
const UNITS = GATE_UNITS;

/** What scores frames for `NeuralGate`: `DenseGateNetwork` here, native code elsewhere, with the same bits. */
export interface GateNetwork {
  /** Log-odds of speech in each of `count` frames of MEL_BINS features; advances the state. */
  scores(features: Float32Array, count: number): Float64Array;
  /** Forget what was heard. */
  reset(): void;
}

/**
 * A projection 80 -> 32, a recurrent layer of 64 gated units (GRU, Cho et al. 2014, in PyTorch's form) and one output,
 * the log-odds of speech.
 */
export class DenseGateNetwork implements GateNetwork {
  readonly #layers = (layers ??= makeLayers());
  readonly #frame = new Float64Array(BINS);
  readonly #input = new Float64Array(INPUTS);
  readonly #drive = new Float64Array(3 * UNITS);
  readonly #recur = new Float64Array(3 * UNITS);
  readonly #state = new Float64Array(UNITS);

  scores(features: Float32Array, count: number): Float64Array {
    const scores = new Float64Array(count);
    for (let i = 0; i < count; i++) scores[i] = this.#score(features, i * BINS);
    return scores;
  }

  reset(): void {
    this.#state.fill(0);
  }

  #score(features: Float32Array, offset: number): number {
    const { project, fromInput, fromState, out, outBias } = this.#layers;
    const frame = this.#frame;
    const input = this.#input;
    const drive = this.#drive;
    const recur = this.#recur;
    const state = this.#state;
    for (let k = 0; k < BINS; k++) frame[k] = features[offset + k]! * 0.2 - 2;
    project.apply(frame, input);
    for (let r = 0; r < INPUTS; r++) input[r] = tanh(input[r]!);
    fromInput.apply(input, drive);
    fromState.apply(state, recur);
    let score = outBias;
    for (let u = 0; u < UNITS; u++) {
      const z = UNITS + u;
      const n = 2 * UNITS + u;
      const reset = sigmoid(drive[u]! + recur[u]!);
      const update = sigmoid(drive[z]! + recur[z]!);
      const fresh = tanh(drive[n]! + reset * recur[n]!);
      const unit = (1 - update) * fresh + update * state[u]!;
      state[u] = unit;
      score += out[u]! * unit;
    }
    return score;
  }
}

interface GateLayers {
  readonly project: DenseLayer;
  readonly fromInput: DenseLayer;
  readonly fromState: DenseLayer;
  readonly out: Float64Array;
  readonly outBias: number;
}

/** Made once for all streams: they never change. */
let layers: GateLayers | undefined;

function makeLayers(): GateLayers {
  const weights = gateWeights();
  return {
    project: new DenseLayer(weights.project, weights.projectBias),
    fromInput: new DenseLayer(weights.fromInput, weights.fromInputBias),
    fromState: new DenseLayer(weights.fromState, weights.fromStateBias),
    out: weights.out,
    outBias: weights.outBias,
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Half the cost of Math.tanh, and as far from 1 at most as a double can tell. */
function tanh(x: number): number {
  return 1 - 2 / (1 + Math.exp(2 * x));
}
