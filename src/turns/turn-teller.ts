import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import type { ChannelOf } from '../stream/types.js';
import type { FinalEvent, TentativeEvent } from '../events/events.js';

/** A turn as it is believed now. */
export type Belief = Omit<TentativeEvent, 'type' | 'turn' | 'revision' | 'atSample'>;

/** Change of probability that a new tentative event reports. */
const NEWS_PROBABILITY = 0.2;
/** Change of start that it reports. */
const NEWS_SAMPLES = 0.25 * SAMPLE_RATE_HZ;

interface TellerState {
  readonly first: number;
  readonly told: ReadonlyMap<number, Belief>;
  readonly revisions: ReadonlyMap<number, number>;
  readonly spoke: boolean;
}

/**
 * Numbers the turns, counts their revisions, and tells a belief again only where it is news. Turns of channel `index` of `count`
 * have the numbers `index`, `index + count` …: each number is one turn of the stream.
 */
export class TurnTeller {
  /** Number of the first turn that is not settled. */
  #first: number;
  readonly #step: number;
  /** By number, from `#first` on. */
  readonly #told = new Map<number, Belief>();
  /** The last of each turn that is not settled, by number: one that is withdrawn and told again counts on. */
  readonly #revisions = new Map<number, number>();
  /** There was a report since the last `rest`. */
  #spoke = false;

  constructor({ index, count }: ChannelOf = { index: 0, count: 1 }) {
    this.#first = index;
    this.#step = count;
  }

  /** Number of the open turn at `position`. */
  numberAt(position: number): number {
    return this.#first + position * this.#step;
  }

  /** Number of the turn that is settled next. */
  get next(): number {
    return this.#first;
  }

  /** The last report of the open turn at `position`. */
  told(position: number): Belief | undefined {
    return this.#told.get(this.numberAt(position));
  }

  /** Tell a turn that is not settled, if that is news; `isLast`: no turn follows it. */
  tentative(position: number, belief: Belief, atSample: number, isLast: boolean): TentativeEvent[] {
    const turn = this.numberAt(position);
    const before = this.#told.get(turn);
    const withdraws = isLast && [...this.#told.keys()].some((number) => number > turn);
    if (before !== undefined && !withdraws && !isNews(before, belief)) return [];
    return this.#tell(turn, belief, atSample);
  }

  /** The first turn is settled; `heard`: its speech and its overlap. */
  final(
    belief: Belief,
    heard: Pick<FinalEvent, 'speech' | 'overlaps'>,
    atSample: number,
  ): (TentativeEvent | FinalEvent)[] {
    const before = this.#told.get(this.#first);
    // A reader of tentative events alone must get the label too.
    const events: (TentativeEvent | FinalEvent)[] =
      before?.speaker === belief.speaker ? [] : this.#tell(this.#first, belief, atSample);
    const turn = this.#next();
    const revision = this.#revise(turn);
    this.#told.delete(turn);
    this.#revisions.delete(turn);
    return [...events, { type: 'final', turn, revision, atSample, ...belief, ...heard }];
  }

  /** The first turn is settled and was never told: its number is left out. */
  skip(): void {
    this.#revisions.delete(this.#next());
  }

  /** Silence: reports of turns that became parts of others are over. Returns whether there was any report. */
  rest(): boolean {
    const spoke = this.#spoke;
    this.#spoke = false;
    this.#told.clear();
    return spoke;
  }

  save(): TellerState {
    return { first: this.#first, told: this.#told, revisions: this.#revisions, spoke: this.#spoke };
  }

  load({ first, told, revisions, spoke }: TellerState): void {
    this.#first = first;
    for (const [turn, belief] of told) this.#told.set(turn, belief);
    for (const [turn, revision] of revisions) this.#revisions.set(turn, revision);
    this.#spoke = spoke;
  }

  #next(): number {
    const turn = this.#first;
    this.#first += this.#step;
    return turn;
  }

  #revise(turn: number): number {
    const revision = (this.#revisions.get(turn) ?? -1) + 1;
    this.#revisions.set(turn, revision);
    return revision;
  }

  #tell(turn: number, belief: Belief, atSample: number): TentativeEvent[] {
    const revision = this.#revise(turn);
    // Later turns must be reported again.
    for (const later of [...this.#told.keys()]) if (later > turn) this.#told.delete(later);
    this.#told.set(turn, belief);
    this.#spoke = true;
    return [{ type: 'tentative', turn, revision, atSample, ...belief }];
  }
}

function isNews(before: Belief, now: Belief): boolean {
  return (
    before.speaker !== now.speaker ||
    before.overlap !== now.overlap ||
    before.others.join() !== now.others.join() ||
    Math.abs(before.probability - now.probability) >= NEWS_PROBABILITY ||
    Math.abs(before.startSample - now.startSample) >= NEWS_SAMPLES
  );
}
