/**
 * Tells speech from silence, frame by frame. Causal and incremental: the flag of a frame depends on that
 * frame and earlier ones only, and not on how the stream was cut into calls.
 */
export interface SpeechGate {
  /** `count` flags for count x MEL_BINS log-mel features: 1 where speech is heard. */
  push(features: Float32Array, count: number): Uint8Array;
  /** Begin anew behind a gap in the stream. */
  reset(): void;
}
