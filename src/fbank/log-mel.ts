import type { FrameBlock } from '../stream/types.js';

/** What computes features: `nativeFrontEnd` has it. */
export interface LogMel {
  /** Frames in (count x FRAME_SAMPLES, range -1 to 1) -> log-mel energies out (count x MEL_BINS, row-major). */
  compute(block: FrameBlock): Float32Array;
}
