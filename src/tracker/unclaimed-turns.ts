import { UNKNOWN } from './events.js';
import type { Judge, PastTurn, Verdict } from './judge.js';
import type { Told } from './turn-log.js';

/** A turn is given to a voice when that very voice is this likely. */
const CLAIM_PROBABILITY = 0.8;
/** Turns that are kept: the last ones. */
const MAX_TURNS = 100;

/** A settled turn that was told as `unknown`. */
export interface UnclaimedTurn extends PastTurn {
  readonly told: Told;
}

/** A turn, and whose it proves to be. */
export interface Claimed {
  readonly told: Told;
  readonly verdict: Verdict & { readonly voice: NonNullable<Verdict['voice']> };
}

/**
 * Settled turns that were nobody's in particular: too short to tell whose, or somebody's of whom too little had been
 * heard. What is heard later of everybody tells more, so they are judged again.
 */
export class UnclaimedTurns {
  #turns: UnclaimedTurn[] = [];

  add(turn: UnclaimedTurn): void {
    this.#turns = [...this.#turns, turn].slice(-MAX_TURNS);
  }

  /** Those that prove to be somebody's now; they are kept no longer. */
  claim(judge: Pick<Judge, 'rejudge'>): Claimed[] {
    const claimed: Claimed[] = [];
    this.#turns = this.#turns.filter((turn) => {
      const verdict = judge.rejudge(turn);
      const { voice, voiceProbability } = verdict;
      if (voice === null || voice.label === UNKNOWN || voiceProbability < CLAIM_PROBABILITY) return true;
      claimed.push({ told: turn.told, verdict: { ...verdict, voice } });
      return false;
    });
    return claimed;
  }
}
