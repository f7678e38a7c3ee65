import type { AudioIntake, AudioMark } from './audio-intake.js';
import type { Continuity } from './continuity.js';

type Received = Pick<AudioMark, 'sequence' | 'receivedBytes'>;

/** What a client need not send again. It never goes back. */
export class Acknowledged {
  readonly #intake: AudioIntake;
  readonly #continuity: Continuity | null;
  #last: Received = { sequence: 0, receivedBytes: 0 };

  constructor(intake: AudioIntake, continuity: Continuity | null) {
    this.#intake = intake;
    this.#continuity = continuity;
  }

  /** What was acknowledged when last asked. */
  get last(): Received {
    return this.#last;
  }

  /** Of a session that was taken up: what was kept of it. */
  takeUp(kept: Received): void {
    this.#last = kept;
  }

  /** What came, or, where another server may go on, what is kept for it. */
  now(): Received {
    const { nextSequence: sequence, receivedBytes } = this.#intake;
    const continuity = this.#continuity;
    const now = continuity === null || continuity.isGivenUp ? { sequence, receivedBytes } : continuity.kept;
    if (now !== null && now.sequence > this.#last.sequence) this.#last = now;
    return this.#last;
  }
}
