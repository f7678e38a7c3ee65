import type { Level } from '../scoring/scorer.js';

/** What a turn says of one speaker's scores. */
interface Lesson {
  readonly deviation: number;
  /** 1 / variance, weighed by how likely it was the speaker's. */
  readonly precision: number;
}

/** Lessons of one speaker together: the sum of their precisions, and their mean so weighed. */
interface Heard {
  readonly precision: number;
  readonly mean: number;
}

/** Recent turns of a speaker that fit the level of the stream. */
const MAX_TURNS = 16;

/**
 * How well the turns of this stream match the profiles. Noise, a room or a telephone lower all scores, and
 * some voices match their enrolment better than others. A two-level normal model (stream, speaker, turn)
 * learns both; stream and speaker share the variance of the level evenly. So a low score supports a name
 * where all scores are low, and contradicts it where that speaker's are high.
 */
export class StreamFit {
  readonly #variance: number;
  /** By speaker, then by number of the turn. */
  readonly #lessons = new Map<number, Map<number, Lesson>>();
  readonly #heard = new Map<number, Heard>();

  /** @param levelVariance of stream and speaker together. */
  constructor(levelVariance: number) {
    this.#variance = levelVariance / 2;
  }

  /**
   * A settled turn scored this far from the model's mean, whose own variance is given, and was the speaker's with
   * this probability.
   */
  learn(turn: number, id: number, deviation: number, turnVariance: number, probability: number): void {
    const lessons = this.#lessons.get(id) ?? new Map<number, Lesson>();
    this.#lessons.set(id, lessons);
    lessons.set(turn, { deviation, precision: probability / turnVariance });
    if (lessons.size > MAX_TURNS) lessons.delete(Math.min(...lessons.keys()));
    this.#heard.set(id, together(lessons));
  }

  /** The others have no turns yet. */
  keep(ids: ReadonlySet<number>): void {
    for (const id of [...this.#lessons.keys()]) {
      if (ids.has(id)) continue;
      this.#lessons.delete(id);
      this.#heard.delete(id);
    }
  }

  /** The turn says nothing of this speaker any more. */
  forget(turn: number, id: number): void {
    const lessons = this.#lessons.get(id);
    if (lessons?.delete(turn)) this.#heard.set(id, together(lessons));
  }

  /** Posterior of one speaker's level; as if that speaker's turn `except` had not been heard. */
  level(id: number, except?: number): Level {
    const lessons = this.#lessons.get(id);
    const own =
      except !== undefined && lessons?.has(except) ? together(lessons, except) : this.#heard.get(id);
    let precision = 1 / this.#variance;
    let sum = 0;
    for (const [other, itsOwn] of this.#heard) {
      const heard = other === id && own !== undefined ? own : itsOwn;
      if (heard.precision === 0) continue;
      const ofSpeaker = 1 / (this.#variance + 1 / heard.precision);
      precision += ofSpeaker;
      sum += ofSpeaker * heard.mean;
    }
    const stream = sum / precision;
    if (own === undefined || own.precision === 0) {
      return { shift: stream, variance: 1 / precision + this.#variance };
    }
    const noise = 1 / own.precision;
    const share = this.#variance / (this.#variance + noise);
    return {
      shift: stream + share * (own.mean - stream),
      variance: (1 - share) ** 2 / precision + share * noise,
    };
  }
}

function together(lessons: ReadonlyMap<number, Lesson>, except?: number): Heard {
  let precision = 0;
  let sum = 0;
  for (const [turn, lesson] of lessons) {
    if (turn === except) continue;
    precision += lesson.precision;
    sum += lesson.precision * lesson.deviation;
  }
  return { precision, mean: precision === 0 ? 0 : sum / precision };
}
