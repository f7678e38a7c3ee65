/** Flag of a frame in which speech is heard, surely. */
export const SPEECH = 1;
/** Flag of a frame that counts as speech only because some was heard just before it: a pause between words, or the end. */
export const HELD = 2;
/** Flag of a frame that is likelier speech than not, but sounds as noise sounds now and then. */
export const LIKELY = 3;

/** Whether speech is heard in the frame of this flag: neither silent, nor only held for what was heard before. */
export function isHeard(flag: number): boolean {
  return flag !== 0 && flag !== HELD;
}

/**
 * Tells speech from silence, frame by frame. Causal and incremental: the flag of a frame depends on that
 * frame and earlier ones only, and not on how the stream was cut into calls.
 */
export interface SpeechGate {
  /** `count` flags for count x MEL_BINS log-mel features: 0 for silence, `SPEECH`, `HELD`, or `LIKELY`. A gate
   * that knows no degrees needs 0 and `SPEECH` only. */
  push(features: Float32Array, count: number): Uint8Array;
  /** Begin anew behind a gap in the stream. */
  reset(): void;
}
