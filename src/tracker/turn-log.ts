import type { CorrectionEvent } from './events.js';

/** A settled turn of an unknown voice, as it was last told. */
export interface ToldTurn {
  readonly turn: number;
  revision: number;
  readonly startSample: number;
  readonly endSample: number;
  speaker: string;
  readonly score: number;
  probability: number;
  id: number;
}

/** Turns remembered, that a later name can correct. */
const MAX_TURNS = 10_000;

/** Remembers the settled turns of unknown voices, so that they can be corrected. */
export class TurnLog {
  #turns: ToldTurn[] = [];

  add(turn: ToldTurn): void {
    this.#turns.push(turn);
    if (this.#turns.length > MAX_TURNS + MAX_TURNS / 10) this.#turns = this.#turns.slice(-MAX_TURNS);
  }

  /** The turns of voice `id` are `into`'s, under `speaker`: what is to be told of it. */
  correct(
    id: number,
    into: number,
    {
      speaker,
      known,
      atSample,
      probability,
    }: Pick<CorrectionEvent, 'speaker' | 'known' | 'atSample'> & { probability?: number },
  ): CorrectionEvent[] {
    const events: CorrectionEvent[] = [];
    for (const told of this.#turns) {
      if (told.id !== id) continue;
      told.id = into;
      if (told.speaker === speaker) continue;
      const was = told.speaker;
      told.revision++;
      told.speaker = speaker;
      told.probability = probability ?? told.probability;
      const { turn, revision, startSample, endSample, score } = told;
      events.push({
        type: 'correction',
        turn,
        revision,
        startSample,
        endSample,
        atSample,
        speaker,
        was,
        known,
        score,
        probability: told.probability,
      });
    }
    return events;
  }

  /** The voice was forgotten; its turns keep their label. */
  forget(id: number): void {
    this.#turns = this.#turns.filter((told) => told.id !== id);
  }
}
