import type { CorrectionEvent } from './events.js';

/** What was told last of a settled turn. */
interface Told {
  readonly turn: number;
  readonly revision: number;
  readonly startSample: number;
  readonly endSample: number;
  readonly speaker: string;
  readonly score: number;
  readonly probability: number;
}

/** A settled turn, and the voice whose it is. */
type Remembered = { -readonly [Key in keyof Told]: Told[Key] } & { id: number };

/** Turns remembered, that a later name can correct. */
const MAX_TURNS = 10_000;

/** Remembers the settled turns that were somebody's, so that they can be corrected. */
export class TurnLog {
  #turns: Remembered[] = [];

  /** What was told last of a turn, which is voice `id`'s. */
  add({ turn, revision, startSample, endSample, speaker, score, probability }: Told, id: number): void {
    this.#turns.push({ turn, revision, startSample, endSample, speaker, score, probability, id });
    if (this.#turns.length > MAX_TURNS + MAX_TURNS / 10) this.#turns = this.#turns.slice(-MAX_TURNS);
  }

  /** The turns of voice `id` are `into`'s, under `speaker`: what is to be told of it. */
  correct(id: number, into: number, change: Change): CorrectionEvent[] {
    return this.#turns.filter((told) => told.id === id).flatMap((told) => corrected(told, into, change));
  }

  /** One turn is `into`'s, whoever's it was. */
  correctTurn(turn: number, into: number, change: Change): CorrectionEvent[] {
    const told = this.#turns.findLast((other) => other.turn === turn);
    return told === undefined ? [] : corrected(told, into, change);
  }
}

type Change = Pick<CorrectionEvent, 'speaker' | 'known' | 'atSample'> & { readonly probability?: number };

function corrected(
  told: Remembered,
  into: number,
  { speaker, known, atSample, probability }: Change,
): CorrectionEvent[] {
  told.id = into;
  if (told.speaker === speaker) return [];
  const was = told.speaker;
  told.revision++;
  told.speaker = speaker;
  told.probability = probability ?? told.probability;
  const { turn, revision, startSample, endSample, score } = told;
  const change = { turn, revision, startSample, endSample, atSample, speaker, was, known, score };
  return [{ type: 'correction', ...change, probability: told.probability }];
}
