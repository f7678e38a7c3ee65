import type { WindowStep } from '../fbank/types.js';
import type { OfChannel } from '../stream/types.js';

/** What the network says of a window. */
export interface WindowEmbedding {
  /** L2-normalised, model dimension (256). */
  readonly embedding: Float32Array;
  /** Estimated share of the window in which two voices are heard at once, 0 to 1; absent where the model cannot tell. */
  readonly overlap?: number | undefined;
}

/** A window after the network. `embedding` is null where the window was not embedded: too little
 * speech, or passed over by the adaptive step. */
export interface EmbeddedWindow extends OfChannel {
  readonly startSample: number;
  /** Exclusive. */
  readonly endSample: number;
  readonly speechRatio: number;
  /** L2-normalised, model dimension (256). */
  readonly embedding: Float32Array | null;
  /** As in `WindowEmbedding`. */
  readonly overlap?: number | undefined;
  readonly step: WindowStep;
  /** What a segmentation network heard since the window before, where one is used. */
  readonly segmented?: SegmentedSpan | undefined;
}

/** Samples from, to (exclusive). */
export interface SampleSpan {
  readonly startSample: number;
  readonly endSample: number;
}

/** A stretch of sound, and where in it two voices are heard at once. */
export interface SegmentedSpan extends SampleSpan {
  readonly together: readonly SampleSpan[];
}

/** A segmentation network of three local speakers, two at once: what `diarize` and `identify` need of one. A `SegmentationModel` is one. */
export interface WindowSegmenter {
  /**
   * @param windows of at most 10 s at 16 kHz
   * @returns of each window the log-probabilities of the seven powerset classes (nobody, 1, 2, 3, 1+2, 1+3, 2+3) in each
   * frame: frames x 7, frames 270 samples apart
   */
  segment(
    windows: readonly Float32Array[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly { readonly logProbabilities: Float32Array }[]>;
}
