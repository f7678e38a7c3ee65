/** Flag of a frame that is surely speech. */
export const SPEECH = 1;
/**
 * Flag of a frame that counts as speech only because speech came just before it: a pause between words, or
 * the end.
 */
export const HELD = 2;
/** Flag of a frame that is likelier speech than not, but sounds as noise sounds now and then. */
export const LIKELY = 3;

/** Whether a frame with this flag is speech: neither silent nor only held open. */
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
  /** The state as plain data, and another gate's to go on from; without them a stream has no snapshots. */
  save?(): unknown;
  load?(state: unknown): void;
}
