import type { VoiceSet } from './voice-set.js';

/** The initial prior of unknown speakers counts as this many turns. */
const FIRST_TURNS = 1;
/** Recent turns that the prior follows. */
const MAX_TURNS = 64;
/** The prior stays between this and 1 minus this: a speaker silent for an hour may be next. */
const LEAST = 0.15;

/**
 * Prior that a turn is an unknown speaker's. It starts equal to that of any one enrolled speaker: a half with
 * one, a fifth with four. Then it follows the mean of the probabilities of the turns so far (the posterior
 * mean of a beta-binomial model).
 */
export class StrangerShare {
  readonly #people: Pick<VoiceSet, 'enrolled'>;
  readonly #fixed: number | undefined;
  readonly #turns = new Map<number, number>();
  #sum = 0;

  /** @param fixed a share, 0 to 1, that is not learnt. */
  constructor(people: Pick<VoiceSet, 'enrolled'>, fixed?: number) {
    this.#people = people;
    this.#fixed = fixed;
  }

  /** 0 to 1; 1 without enrolled speakers. */
  get value(): number {
    const enrolled = this.#people.enrolled.length;
    if (enrolled === 0) return 1;
    if (this.#fixed !== undefined) return this.#fixed;
    const learnt = (FIRST_TURNS / (1 + enrolled) + this.#sum) / (FIRST_TURNS + this.#turns.size);
    return Math.max(LEAST, Math.min(1 - LEAST, learnt));
  }

  /** A settled turn was an unknown speaker's with this probability; called again, it replaces the value. */
  learn(turn: number, probability: number): void {
    this.#turns.set(turn, probability);
    if (this.#turns.size > MAX_TURNS) this.#turns.delete(Math.min(...this.#turns.keys()));
    this.#sum = 0;
    for (const own of this.#turns.values()) this.#sum += own;
  }

  /** The enrolled speakers changed: earlier turns no longer count. */
  restart(): void {
    this.#turns.clear();
    this.#sum = 0;
  }
}
