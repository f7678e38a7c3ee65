import { DenseLayer } from './dense-layer.js';
import { HELD, LIKELY, SPEECH, type SpeechGate } from './speech-gate.js';
import { GATE_INPUTS, GATE_UNITS, GATE_WEIGHTS } from './speech-gate-weights.js';
import { MEL_BINS } from './types.js';

// Local, for an imported binding in an inner loop is a look-up where modules are bundled.
const BINS = MEL_BINS;
const INPUTS = GATE_INPUTS;
const UNITS = GATE_UNITS;

/** The gate opens above one probability of speech, and closes after a while below another. */
const OPEN_LOGIT = logit(0.5);
const CLOSE_LOGIT = logit(0.2);
/** What is said aloud passes this in most syllables, noise that opens the gate hardly ever. */
const SURE_LOGIT = logit(0.98);
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
  readonly #drive = new Float64Array(3 * UNITS);
  readonly #recur = new Float64Array(3 * UNITS);
  readonly #state = new Float64Array(UNITS);
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
      flags[i] = !this.#open ? 0 : this.#hold < HOLD_FRAMES ? HELD : score > SURE_LOGIT ? SPEECH : LIKELY;
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
    const { project, fromInput, fromState, out, outBias } = this.#weights;
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

interface GateWeights {
  /** 80 bins -> INPUTS. */
  readonly project: DenseLayer;
  /** INPUTS -> 3 UNITS, and UNITS -> 3 UNITS; rows: reset, update, new state. */
  readonly fromInput: DenseLayer;
  readonly fromState: DenseLayer;
  readonly out: Float64Array;
  readonly outBias: number;
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
    project: new DenseLayer(take(INPUTS * BINS), take(INPUTS)),
    fromInput: new DenseLayer(take(3 * UNITS * INPUTS), take(3 * UNITS)),
    fromState: new DenseLayer(take(3 * UNITS * UNITS), take(3 * UNITS)),
    out: take(UNITS),
    outBias: take(1)[0]!,
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Half the cost of Math.tanh, and as far from 1 at most as a double can tell. */
function tanh(x: number): number {
  return 1 - 2 / (1 + Math.exp(2 * x));
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}
