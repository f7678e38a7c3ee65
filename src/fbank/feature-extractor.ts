import { SHIFT_SAMPLES, type FrameBlock } from '../stream/types.js';
import type { LogMel } from './log-mel.js';
import type { SpeechGate } from './speech-gate.js';
import type { FeatureBlock } from './types.js';

/**
 * What features and flags are computed with; each is called once a stream. `nativeFrontEnd` is the one that there is; a
 * gate of your own: `{ ...nativeFrontEnd, makeGate: () => new MyGate() }`.
 */
export interface FrontEnd {
  /** Frames to features. */
  readonly makeLogMel: () => LogMel;
  /** Features to flags. */
  readonly makeGate: () => SpeechGate;
}

/** Frames -> log-mel features and speech flags. Each frame is computed once; nothing is held back. */
export class FeatureExtractor {
  readonly #logMel: LogMel;
  readonly #gate: SpeechGate;
  #nextSample = 0;

  constructor(frontEnd: FrontEnd) {
    this.#logMel = frontEnd.makeLogMel();
    this.#gate = frontEnd.makeGate();
  }

  /** The features of these frames; the gate starts anew where the stream has a gap. */
  push(block: FrameBlock): FeatureBlock {
    if (block.count > 0) {
      if (block.startSample !== this.#nextSample) this.#gate.reset();
      this.#nextSample = block.startSample + block.count * SHIFT_SAMPLES;
    }
    const features = this.#logMel.compute(block);
    const speech = this.#gate.push(features, block.count);
    return { startSample: block.startSample, count: block.count, features, speech };
  }
}
