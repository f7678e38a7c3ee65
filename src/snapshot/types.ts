import type { Observable } from 'rxjs';

/**
 * The state of a live stream at a position: another process goes on from it, with the events that would have followed here. It
 * holds voiceprints, of enrolled and of unknown speakers, and the last 2 s of sound (10 s with `segmentation`): keep it as
 * carefully as the speaker store, and read only what you wrote yourself.
 */
export interface StreamSnapshot {
  /** Samples at 16 kHz that are in it; a stream that goes on from it wants the sound from there. */
  readonly sample: number;
  /** For `resume`. */
  readonly bytes: Uint8Array;
}

export interface SnapshotOptions {
  /** One each time that so much sound was heard, seconds, at least 0.1. */
  readonly everySeconds?: number | undefined;
  /** One at each value; values that come while one is being taken are one. None comes after the last event of a stream. */
  readonly when?: Observable<unknown> | undefined;
  /**
   * Called with each. All events that were told before are in it, none that are told later. Sound waits for the windows in the
   * network meanwhile. What it throws ends the stream.
   */
  readonly onSnapshot: (snapshot: StreamSnapshot) => void;
}
