import type { z } from 'zod';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';
import { segmentsOfTurns, type TranscriptSegment } from '../segment.js';
import { TurnBook, type BookedTurn, type TurnEvent } from '../turn-book.js';
import { nameWords, type NamedWord } from './name-words.js';
import { assertWordsEvent, type liveWordSchema } from './word-schema.js';
import type { Word } from './word.js';

/** Words of a live recogniser, seconds from the start of the stream. */
export interface WordsEvent {
  /** In order of start. */
  readonly words: readonly Word[];
  /** They stay, and follow the final ones before. Otherwise they are a guess, which the next event replaces. */
  readonly final: boolean;
  /** Of a stream whose channels are recognised apart: which one all of them are of, from 0. A guess is replaced by its own channel. */
  readonly channel?: number | undefined;
}

/** A word of a stream, as it stands. */
export type LiveWord = Readonly<z.output<typeof liveWordSchema>>;

/** A word, new or told anew, a guess that is withdrawn, or that the words before a number are corrected no more. */
export type LiveWordEvent =
  | ({ readonly type: 'word' } & LiveWord)
  | { readonly type: 'removed'; readonly word: number }
  | { readonly type: 'dropped'; readonly before: number };

/** Words so near to a change of what is known may change too, seconds. */
const NEAR_SECONDS = 3;
/** And words before them tell who goes on, seconds. */
const CONTEXT_SECONDS = 10;
/** A probability that moves less is not told again. */
const LEAST_MOVE = 0.05;
/** So large a part of the words is let go at once: whoever keeps them is not told of each. */
const DROPPED_SHARE = 1 / 8;

/**
 * The words of a stream under names, kept up to date as words and turns are told, in any order of the two. Beyond
 * `maxWords`, and as many turns, the oldest are let go: an eighth at once. Words that are let go are `dropped`, and corrected no
 * more.
 */
export class WordBook {
  readonly #turns: TurnBook;
  readonly #told: Word[] = [];
  /** By channel; undefined: channels are mixed, or each word has its own. */
  readonly #guesses = new Map<number | undefined, readonly Word[]>();
  /** By position, as they were told last. */
  readonly #live: LiveWord[] = [];
  /** Number of the first word that is held. */
  #first = 0;
  #hasEnded = false;
  /** Where the present session begins. */
  #offsetSeconds = 0;

  constructor(private readonly maxWords = 20_000) {
    this.#turns = new TurnBook(maxWords);
  }

  /** In the order in which they were told. */
  get words(): readonly LiveWord[] {
    return this.#live;
  }

  /** What a recogniser tells; returns what changes. @throws {WhospeaksError} `invalid-option`, and nothing changes */
  tell(event: WordsEvent): LiveWordEvent[] {
    assertWordsEvent('WordBook.tell', event);
    const { final, channel } = event;
    const words = channel === undefined ? event.words : event.words.map((word) => ({ ...word, channel }));
    // Another channel's guess moves on to other numbers.
    const concerned = [...words, ...[...this.#guesses.values()].flat()];
    for (const word of final ? words : []) this.#told.push(word);
    this.#guesses.set(channel, final ? [] : words);
    return this.#renamed(concerned.reduce((least, { start }) => Math.min(least, start), Infinity));
  }

  /** What the tracker tells; returns what changes. */
  apply(event: TurnEvent): LiveWordEvent[] {
    const changed = this.#turns.apply(event);
    if (event.type === 'end') this.#hasEnded = true;
    if (event.type === 'restarted') {
      this.#offsetSeconds = event.offsetSeconds;
      this.#hasEnded = false;
    }
    // A label may be any turn's.
    if (event.type === 'end' || event.type === 'restarted' || event.type === 'named') return this.#renamed(0);
    if (!changed || !('startSample' in event)) return [];
    const from = this.#offsetSeconds + event.startSample / SAMPLE_RATE_HZ;
    // A turn that is not settled bears on what follows it, up to where later turns were withdrawn.
    const isSettled = event.type === 'correction';
    return this.#renamed(from, isSettled ? this.#offsetSeconds + event.endSample / SAMPLE_RATE_HZ : Infinity);
  }

  /** Words between two times, named anew. */
  #renamed(fromSeconds: number, toSeconds = Infinity): LiveWordEvent[] {
    const events: LiveWordEvent[] = [];
    const words = [...this.#told, ...[...this.#guesses.values()].flat()];
    for (let i = this.#live.length - 1; i >= words.length; i--) {
      events.push({ type: 'removed', word: this.#first + i });
      this.#live.length = i;
    }
    const turns = this.#turns.turns;
    // Of a session that is over nothing is decided any more.
    const settled = this.#hasEnded ? Infinity : Math.max(this.#offsetSeconds, settledSeconds(turns));
    const isWithin = ({ start, end }: Word, seconds: number): boolean =>
      end >= fromSeconds - seconds && start <= toSeconds + seconds;
    if (!words.some((word) => isWithin(word, NEAR_SECONDS))) return events;
    // Neighbours bear on one another: words before and after those in question are named with them, and stay as they were told.
    // One by one: words of several channels come in no order of time.
    const positions = [...words.keys()].filter((i) => isWithin(words[i]!, CONTEXT_SECONDS));
    const segments = segmentsOf(turns, fromSeconds - 2 * CONTEXT_SECONDS, toSeconds + 2 * CONTEXT_SECONDS);
    const concerned = positions.map((i) => words[i]!);
    nameWords(concerned, segments).forEach((named, k) => {
      const i = positions[k]!;
      if (!isWithin(words[i]!, NEAR_SECONDS)) return;
      const before = this.#live[i];
      const final = i < this.#told.length && named.end <= settled;
      if (before !== undefined && !isNews(before, named, final)) return;
      const revision = before === undefined ? 0 : before.revision + 1;
      const live = { ...named, word: this.#first + i, revision, final };
      this.#live[i] = live;
      events.push({ type: 'word', ...live });
    });
    return [...events, ...this.#trim()];
  }

  #trim(): LiveWordEvent[] {
    if (this.#live.length <= this.maxWords) return [];
    const kept = this.maxWords - Math.floor(this.maxWords * DROPPED_SHARE);
    // A guess is never let go: the next event replaces it.
    const surplus = Math.min(this.#told.length, this.#live.length - kept);
    if (surplus <= 0) return [];
    this.#told.splice(0, surplus);
    this.#live.splice(0, surplus);
    this.#first += surplus;
    return [{ type: 'dropped', before: this.#first }];
  }
}

function isNews(before: LiveWord, after: NamedWord, final: boolean): boolean {
  return (
    before.speaker !== after.speaker ||
    before.known !== after.known ||
    before.text !== after.text ||
    before.start !== after.start ||
    before.end !== after.end ||
    before.channel !== after.channel ||
    before.final !== final ||
    Math.abs(before.probability - after.probability) >= LEAST_MOVE
  );
}

/** Up to where no turn is in doubt. */
function settledSeconds(turns: readonly BookedTurn[]): number {
  const open = turns.find(({ final }) => !final);
  return (open?.startSample ?? turns.at(-1)?.endSample ?? 0) / SAMPLE_RATE_HZ;
}

/** Of settled turns their speech, of others the whole turn, as far as it is known. */
function segmentsOf(
  turns: readonly BookedTurn[],
  fromSeconds: number,
  toSeconds: number,
): TranscriptSegment[] {
  const near = turns.filter(
    ({ startSample, endSample }) =>
      endSample >= fromSeconds * SAMPLE_RATE_HZ && startSample <= toSeconds * SAMPLE_RATE_HZ,
  );
  const open = near
    .filter(({ final }) => !final)
    .map(({ speaker, known, probability, startSample, endSample, channel }) => ({
      speaker,
      known,
      probability,
      start: startSample / SAMPLE_RATE_HZ,
      end: endSample / SAMPLE_RATE_HZ,
      ...(channel === undefined ? {} : { channel }),
    }));
  return [...segmentsOfTurns(near, { others: true }), ...open];
}
