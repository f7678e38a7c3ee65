import type { WindowStep } from '../fbank/types.js';

/** A window after the network. `embedding` is null where the window was not embedded: too little
 * speech, or passed over by the adaptive step. */
export interface EmbeddedWindow {
  readonly startSample: number;
  /** Exclusive. */
  readonly endSample: number;
  readonly speechRatio: number;
  /** L2-normalised, model dimension (256). */
  readonly embedding: Float32Array | null;
  readonly step: WindowStep;
}
