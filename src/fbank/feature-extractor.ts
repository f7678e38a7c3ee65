import { SHIFT_SAMPLES, type FrameBlock } from '../stream/types.js';
import { Fbank } from './fbank.js';
import { NeuralGate } from './neural-gate.js';
import type { SpeechGate } from './speech-gate.js';
import type { FeatureBlock } from './types.js';

/** Frames -> log-mel features and speech flags. Each frame is computed once; nothing is held back. */
export class FeatureExtractor {
  readonly #fbank = new Fbank();
  readonly #gate: SpeechGate;
  #nextSample = 0;

  /** `gate`: another speech gate in place of the default. */
  constructor(gate: SpeechGate = new NeuralGate()) {
    this.#gate = gate;
  }

  /** The features of these frames; the gate starts anew where the stream has a gap. */
  push(block: FrameBlock): FeatureBlock {
    if (block.count > 0) {
      if (block.startSample !== this.#nextSample) this.#gate.reset();
      this.#nextSample = block.startSample + block.count * SHIFT_SAMPLES;
    }
    const features = this.#fbank.compute(block);
    const speech = this.#gate.push(features, block.count);
    return { startSample: block.startSample, count: block.count, features, speech };
  }
}
