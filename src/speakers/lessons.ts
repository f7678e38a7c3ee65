import type { FinalEvent, TentativeEvent } from '../events/events.js';
import type { Adaptation, Profile } from './profile.js';
import { addScaled, unit } from '../vectors.js';

/** A long, sure, clean turn of an enrolled speaker, to learn from. `ProfileStore.adapt` can keep it. */
export interface Learnt {
  readonly speaker: string;
  readonly turn: number;
  readonly atSample: number;
  readonly adaptation: Adaptation;
}

/** What a turn sounds like: its windows, pooled, L2-normalised; and its net speech. */
interface Spoken {
  readonly direction: Float32Array;
  readonly seconds: number;
}

/** Speech that a turn needs to adapt a stored profile. */
const MIN_SECONDS = 6;
/** Probability that such a turn needs. */
const MIN_PROBABILITY = 0.98;

/** What a settled turn teaches of an enrolled speaker; undefined where it may not. */
function learntFrom(told: FinalEvent | TentativeEvent, { direction, seconds }: Spoken): Learnt | undefined {
  const { atSample, turn, speaker, known, probability, overlap } = told;
  if (!known || overlap || probability < MIN_PROBABILITY || seconds < MIN_SECONDS) return undefined;
  return { atSample, turn, speaker, adaptation: { vector: direction, seconds, probability } };
}

interface Waiting {
  readonly learnt: Learnt;
  readonly voice: number;
}

/** Emits what turns teach, once no later turn can reassign them. */
export class Lessons {
  readonly #adapt: ((learnt: Learnt) => void) | undefined;
  #waiting: Waiting[] = [];

  constructor(adapt: ((learnt: Learnt) => void) | undefined) {
    this.#adapt = adapt;
  }

  /** A turn was settled. */
  add(told: FinalEvent | TentativeEvent, voice: number, spoken: Spoken): void {
    const learnt = this.#adapt && learntFrom(told, spoken);
    if (learnt !== undefined) this.#waiting.push({ learnt, voice });
  }

  save(): { waiting: Waiting[] } {
    return { waiting: this.#waiting };
  }

  load({ waiting }: ReturnType<Lessons['save']>): void {
    this.#waiting = waiting;
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

/** Largest share of stored adaptations in a profile. */
const MAX_ADAPTED_SHARE = 0.3;

/** The profile's centroid with what was learnt of it on other streams. */
export function adapted({ centroid, adaptations = [] }: Profile): Float32Array {
  if (adaptations.length === 0) return centroid;
  const sum = Float32Array.from(centroid);
  const share = (MAX_ADAPTED_SHARE * adaptations.length) / (adaptations.length + 1);
  for (const { vector } of adaptations) addScaled(sum, vector, share / (1 - share) / adaptations.length);
  return unit(sum);
}
