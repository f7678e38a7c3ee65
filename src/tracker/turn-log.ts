import type { CorrectionEvent } from './events.js';

/** The last report of a settled turn. */
export interface Told {
  readonly turn: number;
  readonly revision: number;
  readonly startSample: number;
  readonly endSample: number;
  readonly speaker: string;
  readonly score: number;
  readonly probability: number;
}

/** A settled turn, and the unknown voice whose it is. */
interface Remembered {
  told: Told;
  id: number;
}

/** Settled turns kept, which a correction can still change. */
const MAX_TURNS = 10_000;

/** Remembers the settled turns of unknown voices, so that they can be corrected. */
export class TurnLog {
  #turns: Remembered[] = [];

  /** Record the last report of a turn of voice `id`. Of an event only this is kept: there are many. */
  add({ turn, revision, startSample, endSample, speaker, score, probability }: Told, id: number): void {
    this.#turns.push({ told: { turn, revision, startSample, endSample, speaker, score, probability }, id });
    if (this.#turns.length > MAX_TURNS + MAX_TURNS / 10) this.#turns = this.#turns.slice(-MAX_TURNS);
  }

  /** The turns of voice `id` become `into`'s, under `speaker`. Returns the corrections. */
  correct(id: number, into: number, change: Change): CorrectionEvent[] {
    return this.#correct((remembered) => remembered.id === id, into, change);
  }

  /** The same of the turns with these numbers. */
  correctTurns(turns: readonly number[], into: number, change: Change): CorrectionEvent[] {
    return this.#correct(({ told }) => turns.includes(told.turn), into, change);
  }

  /** The turn is corrected no more. */
  release(turn: number): void {
    this.#turns = this.#turns.filter(({ told }) => told.turn !== turn);
  }

  /** The voice was forgotten; its turns keep their label. */
  forget(id: number): void {
    this.#turns = this.#turns.filter((remembered) => remembered.id !== id);
  }

  #correct(isMeant: (remembered: Remembered) => boolean, into: number, change: Change): CorrectionEvent[] {
    const events: CorrectionEvent[] = [];
    // A turn without a speaker is recorded late.
    const meant = this.#turns.filter(isMeant).sort((a, b) => a.told.turn - b.told.turn);
    for (const remembered of meant) {
      remembered.id = into;
      const event = corrected(remembered.told, change);
      if (event === undefined) continue;
      remembered.told = event;
      events.push(event);
    }
    return events;
  }
}

type Change = Pick<CorrectionEvent, 'speaker' | 'known' | 'atSample'> &
  Partial<Pick<CorrectionEvent, 'score' | 'probability'>>;

/** The correction that gives a turn another label; undefined where it has that label. */
export function corrected(told: Told, change: Change): CorrectionEvent | undefined {
  if (told.speaker === change.speaker) return undefined;
  const { turn, revision, startSample, endSample, score, probability, speaker: was } = told;
  const kept = { turn, startSample, endSample, score, probability };
  return { type: 'correction', ...kept, ...change, revision: revision + 1, was };
}
