import type { Level } from '../scoring/scorer.js';
import { WHO } from './settings.js';
import type { Weighed } from './weighed.js';

interface Lesson {
  readonly id: number;
  readonly away: number;
  /** 1 / variance, weighed by how likely it was the speaker's. */
  readonly precision: number;
}

interface Together {
  precision: number;
  sum: number;
}

/**
 * How well the turns of this stream match the profiles. Noise, a room or a telephone lower all scores, and
 * some voices match their enrolment better than others. A two-level normal model (stream, speaker, turn)
 * learns both; stream and speaker share the variance of the level evenly. So a low score supports a name
 * where all scores are low, and contradicts it where that speaker's are high.
 */
export class StreamLevel {
  readonly #variance: number;
  readonly #lessons = new Map<Weighed, Lesson>();

  /** @param levelVariance of stream and speaker together. */
  constructor(levelVariance: number) {
    this.#variance = levelVariance / 2;
  }

  /** What a settled turn says; it replaces what it said before. */
  learn(turn: Weighed): void {
    const { nearest } = turn.verdict;
    this.#lessons.delete(turn);
    if (nearest === null || turn.heard.seconds < WHO.levelSeconds) return;
    const { id, away, variance, probability } = nearest;
    this.#lessons.set(turn, { id, away, precision: probability / variance });
    if (this.#lessons.size > WHO.levelTurns) this.#lessons.delete(this.#lessons.keys().next().value!);
  }

  save(): [Weighed, Lesson][] {
    return [...this.#lessons];
  }

  load(state: readonly (readonly [Weighed, Lesson])[]): void {
    for (const [turn, lesson] of state) this.#lessons.set(turn, lesson);
  }

  /** Posterior of one speaker's level; as if the turn `except` had not been heard. */
  of(id: number, except?: Weighed): Level {
    const heard = new Map<number, Together>();
    for (const [turn, lesson] of this.#lessons) {
      if (turn === except || lesson.precision === 0) continue;
      const of = heard.get(lesson.id) ?? { precision: 0, sum: 0 };
      of.precision += lesson.precision;
      of.sum += lesson.precision * lesson.away;
      heard.set(lesson.id, of);
    }
    let precision = 1 / this.#variance;
    let sum = 0;
    for (const of of heard.values()) {
      const ofSpeaker = 1 / (this.#variance + 1 / of.precision);
      precision += ofSpeaker;
      sum += (ofSpeaker * of.sum) / of.precision;
    }
    const stream = sum / precision;
    const own = heard.get(id);
    if (own === undefined) return { shift: stream, variance: 1 / precision + this.#variance };
    const noise = 1 / own.precision;
    const share = this.#variance / (this.#variance + noise);
    return {
      shift: stream + share * (own.sum / own.precision - stream),
      variance: (1 - share) ** 2 / precision + share * noise,
    };
  }
}
