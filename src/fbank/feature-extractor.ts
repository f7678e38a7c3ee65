import { WhospeaksError } from '../errors.js';
import { FRAME_SAMPLES, samplesOf } from '../stream/geometry.js';
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
    const samples = block.count === 0 ? undefined : soundOf(block);
    return { startSample: block.startSample, count: block.count, features, speech, samples };
  }

  /** @throws {WhospeaksError} `invalid-option` where the gate has no `save` */
  save(): { nextSample: number; gate: unknown } {
    if (this.#gate.save === undefined) {
      throw new WhospeaksError(
        'invalid-option',
        'snapshots: the speech gate of this front end has no save()',
      );
    }
    return { nextSample: this.#nextSample, gate: this.#gate.save() };
  }

  load({ nextSample, gate }: ReturnType<FeatureExtractor['save']>): void {
    this.#nextSample = nextSample;
    this.#gate.load?.(gate);
  }
}

/** Frames overlap: each one's first shift, and all of the last one. */
function soundOf({ count, samples }: FrameBlock): Float32Array {
  const sound = new Float32Array(samplesOf(count));
  for (let i = 0; i < count - 1; i++) {
    const from = i * FRAME_SAMPLES;
    sound.set(samples.subarray(from, from + SHIFT_SAMPLES), i * SHIFT_SAMPLES);
  }
  sound.set(
    samples.subarray((count - 1) * FRAME_SAMPLES, count * FRAME_SAMPLES),
    (count - 1) * SHIFT_SAMPLES,
  );
  return sound;
}
