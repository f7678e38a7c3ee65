import type { GateNetwork } from './gate-network.js';
import { HELD, LIKELY, SPEECH, type SpeechGate } from './speech-gate.js';

/** The gate opens above one probability of speech, and closes after a while below another. */
const OPEN_LOGIT = logit(0.3);
const CLOSE_LOGIT = logit(0.08);
/** Most syllables pass this; noise that opens the gate almost never does. */
const SURE_LOGIT = logit(0.98);
/** Pauses shorter than this do not close it: closures between syllables, the gap in "hold | up". */
const HOLD_FRAMES = 30;

/**
 * Speech gate on the log-mel features that the network is fed: a small recurrent network (`GateNetwork`), then
 * hysteresis and a hold. It knows nothing of the recording level at the start and needs no warm-up.
 * The weights come from `training/speech-gate`; `docs/speech-gate.md` has the measurements.
 */
export class NeuralGate implements SpeechGate {
  readonly #network: GateNetwork;
  #open = false;
  #hold = 0;

  /** `network`: for this gate alone, because it has state. */
  constructor(network: GateNetwork) {
    this.#network = network;
  }

  push(features: Float32Array, count: number): Uint8Array {
    const scores = this.#network.scores(features, count);
    const flags = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const score = scores[i]!;
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
    this.#network.reset();
    this.#open = false;
    this.#hold = 0;
  }

  save(): { network: Float64Array; open: boolean; hold: number } {
    return { network: this.#network.save(), open: this.#open, hold: this.#hold };
  }

  load({ network, open, hold }: ReturnType<NeuralGate['save']>): void {
    this.#network.load(network);
    this.#open = open;
    this.#hold = hold;
  }
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}
