/** Flag of a frame in which speech is heard. */
export const SPEECH = 1;
/** Flag of a frame that counts as speech only because some was heard just before it: a pause between words, or the end. */
export const HELD = 2;

/**
 * Tells speech from silence, frame by frame. Causal and incremental: the flag of a frame depends on that
 * frame and earlier ones only, and not on how the stream was cut into calls.
 */
export interface SpeechGate {
  /** `count` flags for count x MEL_BINS log-mel features: 0 for silence, `SPEECH`, or `HELD`. */
  push(features: Float32Array, count: number): Uint8Array;
  /** Begin anew behind a gap in the stream. */
  reset(): void;
}
