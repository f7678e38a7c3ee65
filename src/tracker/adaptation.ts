import type { FinalEvent, TentativeEvent } from './events.js';
import type { Verdict } from './judge.js';
import type { Adaptation } from '../speakers/profile.js';

/** A long, sure, clean turn of an enrolled speaker, to learn from. `ProfileStore.adapt` can keep it. */
export interface Learnt {
  readonly speaker: string;
  readonly turn: number;
  readonly atSample: number;
  readonly adaptation: Adaptation;
}

/** Speech that a turn needs to adapt a stored profile. */
const MIN_SECONDS = 6;
/** Probability that such a turn needs. */
const MIN_PROBABILITY = 0.98;

/** What a settled turn teaches of an enrolled speaker; undefined where it may not. */
function learntFrom(told: FinalEvent | TentativeEvent, { evidence }: Verdict): Learnt | undefined {
  const { atSample, turn, speaker, known, probability, overlap } = told;
  if (!known || overlap || probability < MIN_PROBABILITY || evidence === null) return undefined;
  if (evidence.seconds < MIN_SECONDS) return undefined;
  const { direction: vector, seconds } = evidence;
  return { atSample, turn, speaker, adaptation: { vector, seconds, probability } };
}

/** Emits what turns teach, once no later turn can reassign them. */
export class Lessons {
  readonly #adapt: ((learnt: Learnt) => void) | undefined;
  #waiting: { readonly learnt: Learnt; readonly voice: number }[] = [];

  constructor(adapt: ((learnt: Learnt) => void) | undefined) {
    this.#adapt = adapt;
  }

  /** A turn was settled. */
  add(told: FinalEvent | TentativeEvent, verdict: Verdict): void {
    const learnt = this.#adapt && learntFrom(told, verdict);
    if (learnt !== undefined && verdict.voice !== null) {
      this.#waiting.push({ learnt, voice: verdict.voice.id });
    }
  }

  /** The turn belongs to another speaker. */
  withdraw(turn: number): void {
    this.#waiting = this.#waiting.filter(({ learnt }) => learnt.turn !== turn);
  }

  /** Of others than these voices, the profile that a turn was like is no longer theirs. */
  keep(voices: ReadonlySet<number>): void {
    this.#waiting = this.#waiting.filter(({ voice }) => voices.has(voice));
  }

  /** Hand out what turns teach but for those that `mayChange`. */
  handOut(mayChange: (turn: number) => boolean = () => false): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ learnt }) => mayChange(learnt.turn));
    for (const { learnt } of waiting) if (!mayChange(learnt.turn)) this.#adapt?.(learnt);
  }
}
