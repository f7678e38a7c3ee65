import { UNKNOWN } from './events.js';
import type { Judge, PastTurn, Verdict } from './judge.js';
import type { Told } from './turn-log.js';
import type { Voice } from '../scoring/voice.js';

/** Probability from which an `unknown` turn is assigned to a speaker later. */
const CLAIM_PROBABILITY = 0.8;
/** `unknown` turns kept. */
const MAX_TURNS = 100;

/** A settled turn reported as `unknown`. */
export interface UnclaimedTurn extends PastTurn {
  readonly told: Told;
}

/** A turn that proves to be the voice's, and by what. */
export interface Claimed {
  readonly told: Told;
  readonly verdict: Verdict;
}

/**
 * Settled turns reported as `unknown`: too short, or of a voice with too little speech so far. They are
 * judged again whenever a voice speaks.
 */
export class UnclaimedTurns {
  #turns: UnclaimedTurn[] = [];

  add(turn: UnclaimedTurn): void {
    this.#turns = [...this.#turns, turn].slice(-MAX_TURNS);
  }

  /** The turn is somebody's. */
  release(turn: number): void {
    this.#turns = this.#turns.filter((other) => other.turn !== turn);
  }

  /** Those that prove to be this voice's, which was just heard; they are kept no longer. */
  claim(voice: Voice, judge: Pick<Judge, 'rejudge' | 'comesNear'>): Claimed[] {
    if (voice.label === UNKNOWN) return [];
    const claimed: Claimed[] = [];
    this.#turns = this.#turns.filter((turn) => {
      if (!judge.comesNear(voice, turn)) return true;
      const verdict = judge.rejudge(turn);
      if (verdict.voice?.id !== voice.id || verdict.voiceProbability < CLAIM_PROBABILITY) return true;
      claimed.push({ told: turn.told, verdict });
      return false;
    });
    return claimed;
  }
}
