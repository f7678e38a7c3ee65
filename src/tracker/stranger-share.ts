import type { VoiceSet } from './voice-set.js';

/** The initial prior of unknown speakers counts as this many turns. */
const FIRST_TURNS = 1;
/** Recent turns that the prior follows. */
const MAX_TURNS = 64;
/** The prior stays between this and 1 minus this: a speaker silent for an hour may be next. */
const LEAST = 0.15;

/**
 * How likely a turn is a stranger's before it is heard. At first, as likely as it is any one enrolled speaker's: half with one of
 * them, a fifth with four. From there it is learnt: the mean, over the turns of the stream, of how likely each was
 * a stranger's (the posterior mean of a beta-binomial model). Who listens for one voice among many then takes fewer of the
 * others for it, and who has enrolled everybody is seldom told of strangers.
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

  /** 0 to 1; 1 where nobody is enrolled. */
  get value(): number {
    const enrolled = this.#people.enrolled.length;
    if (enrolled === 0) return 1;
    if (this.#fixed !== undefined) return this.#fixed;
    const learnt = (FIRST_TURNS / (1 + enrolled) + this.#sum) / (FIRST_TURNS + this.#turns.size);
    return Math.max(LEAST, Math.min(1 - LEAST, learnt));
  }

  /** A settled turn was a stranger's with this probability; of a turn told before, as is known now. */
  learn(turn: number, probability: number): void {
    this.#turns.set(turn, probability);
    if (this.#turns.size > MAX_TURNS) this.#turns.delete(Math.min(...this.#turns.keys()));
    this.#sum = 0;
    for (const own of this.#turns.values()) this.#sum += own;
  }

  /** Others are enrolled now: strangers may no longer be, or be again. */
  restart(): void {
    this.#turns.clear();
    this.#sum = 0;
  }
}
