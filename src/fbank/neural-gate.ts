import { HELD, SPEECH, type SpeechGate } from './speech-gate.js';
import { GATE_INPUTS, GATE_UNITS, GATE_WEIGHTS } from './speech-gate-weights.js';
import { MEL_BINS } from './types.js';

// Local, for an imported binding in an inner loop is a look-up where modules are bundled.
const BINS = MEL_BINS;
const INPUTS = GATE_INPUTS;
const UNITS = GATE_UNITS;

/** The gate opens above one probability of speech, and closes after a while below another. */
const OPEN_LOGIT = logit(0.5);
const CLOSE_LOGIT = logit(0.2);
/** Pauses shorter than this do not close it: closures between syllables, the gap in "hold | up". */
const HOLD_FRAMES = 30;

/**
 * Speech gate on the log-mel features that the network is fed: a projection 80 -> 16, a recurrent layer of
 * 24 gated units (GRU, Cho et al. 2014, in PyTorch's form) and one output, the log-odds of speech; then
 * hysteresis and a hold. It knows nothing of the recording level at the start and needs no warm-up.
 * The weights come from `training/speech-gate`; `docs/speech-gate.md` has the measurements.
 */
export class NeuralGate implements SpeechGate {
  readonly #weights = WEIGHTS;
  readonly #frame = new Float64Array(BINS);
  readonly #input = new Float64Array(INPUTS);
  #state = new Float64Array(UNITS);
  #next = new Float64Array(UNITS);
  #open = false;
  #hold = 0;

  push(features: Float32Array, count: number): Uint8Array {
    const flags = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const score = this.score(features, i * BINS);
      if (score > (this.#open ? CLOSE_LOGIT : OPEN_LOGIT)) {
        this.#open = true;
        this.#hold = HOLD_FRAMES;
      } else if (this.#hold > 0) this.#hold--;
      else this.#open = false;
      flags[i] = !this.#open ? 0 : this.#hold === HOLD_FRAMES ? SPEECH : HELD;
    }
    return flags;
  }

  reset(): void {
    this.#state.fill(0);
    this.#open = false;
    this.#hold = 0;
  }

  /** Log-odds of speech in the next frame, whose 80 features begin at `offset`; advances the state. */
  score(features: Float32Array, offset: number): number {
    const w = this.#weights;
    const input = this.#input;
    const frame = this.#frame;
    for (let k = 0; k < BINS; k++) frame[k] = features[offset + k]! * 0.2 - 2;
    for (let r = 0; r < INPUTS; r++) {
      input[r] = Math.tanh(w.projectBias[r]! + rowTimes(w.project, r, frame, BINS));
    }
    const state = this.#state;
    const next = this.#next;
    let score = w.outBias[0]!;
    for (let u = 0; u < UNITS; u++) {
      const z = UNITS + u;
      const n = 2 * UNITS + u;
      const reset = sigmoid(
        w.inputBias[u]! +
          rowTimes(w.input, u, input, INPUTS) +
          w.stateBias[u]! +
          rowTimes(w.state, u, state, UNITS),
      );
      const update = sigmoid(
        w.inputBias[z]! +
          rowTimes(w.input, z, input, INPUTS) +
          w.stateBias[z]! +
          rowTimes(w.state, z, state, UNITS),
      );
      const fresh = Math.tanh(
        w.inputBias[n]! +
          rowTimes(w.input, n, input, INPUTS) +
          reset * (w.stateBias[n]! + rowTimes(w.state, n, state, UNITS)),
      );
      const unit = (1 - update) * fresh + update * state[u]!;
      next[u] = unit;
      score += w.out[u]! * unit;
    }
    this.#state = next;
    this.#next = state;
    return score;
  }
}

interface GateWeights {
  /** INPUTS x BINS. */
  readonly project: Float64Array;
  readonly projectBias: Float64Array;
  /** 3 UNITS x INPUTS; rows: reset, update, new state. */
  readonly input: Float64Array;
  readonly inputBias: Float64Array;
  /** 3 UNITS x UNITS. */
  readonly state: Float64Array;
  readonly stateBias: Float64Array;
  readonly out: Float64Array;
  readonly outBias: Float64Array;
}

const WEIGHTS = readWeights();

function readWeights(): GateWeights {
  const bytes = Uint8Array.from(atob(GATE_WEIGHTS), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const take = (count: number): Float64Array => {
    const from = at;
    at += 4 * count;
    return Float64Array.from({ length: count }, (_, i) => view.getFloat32(from + 4 * i, true));
  };
  return {
    project: take(INPUTS * BINS),
    projectBias: take(INPUTS),
    input: take(3 * UNITS * INPUTS),
    inputBias: take(3 * UNITS),
    state: take(3 * UNITS * UNITS),
    stateBias: take(3 * UNITS),
    out: take(UNITS),
    outBias: take(1),
  };
}

/** Row `row` of a (rows x count) matrix times a vector; count a multiple of 4, for four sums run side by side. */
function rowTimes(matrix: Float64Array, row: number, vector: Float64Array, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let k = 0, at = row * count; k < count; k += 4, at += 4) {
    a += matrix[at]! * vector[k]!;
    b += matrix[at + 1]! * vector[k + 1]!;
    c += matrix[at + 2]! * vector[k + 2]!;
    d += matrix[at + 3]! * vector[k + 3]!;
  }
  return a + b + (c + d);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}
