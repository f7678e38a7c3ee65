import type { FrameBlock } from '../stream/types.js';

/** What computes features: `Fbank` here, native code elsewhere, with the same bits. */
export interface LogMel {
  /** Frames in (count x 400, range -1 to 1) -> log-mel energies out (count x 80, row-major). */
  compute(block: FrameBlock): Float32Array;
}
