import type { OfChannel } from '../stream/types.js';

export { MEL_BINS } from '../stream/geometry.js';

/** Log-mel features of consecutive frames; frame i starts at `startSample + i * SHIFT_SAMPLES`. */
export interface FeatureBlock extends OfChannel {
  readonly startSample: number;
  readonly count: number;
  /** count x MEL_BINS, row-major, log energies, no mean subtracted. */
  readonly features: Float32Array;
  /** count flags of the speech gate, one for each frame's 10 ms shift: 0 silence, 1 speech, 2 speech just before (held),
   * 3 likely speech. */
  readonly speech: Uint8Array;
  /** The sound of the frames, samplesOf(count), -1 to 1. */
  readonly samples?: Float32Array | undefined;
}

/** The part of the stream that a window is the first to cover. Steps tile the stream without overlap. */
export interface WindowStep {
  readonly startSample: number;
  readonly endSample: number;
  /** One flag of the speech gate per 10 ms frame of the step: see `FeatureBlock.speech`. */
  readonly speech: Uint8Array;
}

/** A sliding window of features, ready for the network. */
export interface FeatureWindow extends OfChannel {
  readonly startSample: number;
  /** Exclusive. */
  readonly endSample: number;
  readonly frames: number;
  /** frames x MEL_BINS, row-major, the mean over the window's frames subtracted from each bin. */
  readonly features: Float32Array;
  /** The window's sound, samplesOf(frames), -1 to 1: for networks that have features of their own. */
  readonly samples?: Float32Array | undefined;
  /** Share of the window's frames that are speech, 0 to 1. */
  readonly speechRatio: number;
  /** The adaptive step passes this window over: nothing new is likely in it, so it need not be embedded. */
  readonly isPassedOver?: boolean;
  readonly step: WindowStep;
}
