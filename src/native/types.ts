import type { WindowStep } from '../fbank/types.js';

/** What the network says of a window. */
export interface WindowEmbedding {
  /** L2-normalised, model dimension (256). */
  readonly embedding: Float32Array;
  /** Estimated share of the window in which two voices are heard at once, 0 to 1; absent where the model cannot tell. */
  readonly overlap?: number | undefined;
}

/** A window after the network. `embedding` is null where the window was not embedded: too little
 * speech, or passed over by the adaptive step. */
export interface EmbeddedWindow {
  readonly startSample: number;
  /** Exclusive. */
  readonly endSample: number;
  readonly speechRatio: number;
  /** L2-normalised, model dimension (256). */
  readonly embedding: Float32Array | null;
  /** As in `WindowEmbedding`. */
  readonly overlap?: number | undefined;
  readonly step: WindowStep;
}
