import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import type { CorrectionEvent, FinalEvent, IdentifyEvent, TentativeEvent } from '../events/events.js';

/** Whose a turn is. */
export interface Owner {
  readonly speaker: string;
  readonly known: boolean;
}

type TurnEvent = TentativeEvent | FinalEvent | CorrectionEvent;

/** Turns remembered, that can be assigned: the last ones. */
const MAX_TURNS = 2000;
/** A turn in progress that is told again with a start so far from before is another one, under a number that became free. */
const SAME_START_SAMPLES = 1.5 * SAMPLE_RATE_HZ;

/** What was told last of a turn. */
interface Remembered {
  readonly told: Omit<TurnEvent, 'type' | 'speech' | 'overlaps' | 'was'> &
    Partial<Pick<TentativeEvent, 'overlap' | 'others'>>;
  readonly isSettled: boolean;
}

interface Owned {
  readonly owner: Owner;
  readonly startSample: number;
}

interface AssignedState {
  readonly turns: ReadonlyMap<number, Remembered>;
  readonly unsettled: ReadonlySet<number>;
  readonly owners: ReadonlyMap<number, Owned>;
  readonly added: ReadonlyMap<number, number>;
}

/**
 * Turns that a person has given to a speaker. Everything that is told of turns goes through here: of an assigned one no
 * later evidence is told, and revisions go on from what was told here. It knows nothing of how turns are found.
 */
export class AssignedTurns {
  readonly #areOfOneChannel: (a: number, b: number) => boolean;
  readonly #turns = new Map<number, Remembered>();
  /** Those of them that are not settled. */
  readonly #unsettled = new Set<number>();
  readonly #owners = new Map<number, Owned>();
  /** Revisions of a turn that were told here alone. */
  readonly #added = new Map<number, number>();
  /** What was told here alone. */
  readonly #own = new WeakSet<IdentifyEvent>();

  /** @param areOfOneChannel of two numbers of turns */
  constructor(areOfOneChannel: (a: number, b: number) => boolean = () => true) {
    this.#areOfOneChannel = areOfOneChannel;
  }

  /** Whether the turn was assigned. */
  has(turn: number): boolean {
    return this.#owners.has(turn);
  }

  /** Whose the turn is that begins there, if it was assigned, and not another one under its number. */
  ownerOf(turn: number, startSample: number): Owner | undefined {
    const assigned = this.#owners.get(turn);
    if (assigned === undefined) return undefined;
    return Math.abs(startSample - assigned.startSample) > SAME_START_SAMPLES ? undefined : assigned.owner;
  }

  /** Whether the turn was told and is remembered. */
  remembers(turn: number): boolean {
    return this.#turns.has(turn);
  }

  /** Events as they are told. */
  told(events: readonly IdentifyEvent[]): IdentifyEvent[] {
    return events.flatMap((event) => {
      if (this.#own.has(event)) return [event];
      if (event.type === 'named') return [event, ...this.#rename(event.label, event)];
      if (event.type === 'correction') return this.#corrected(event);
      if (event.type !== 'tentative' && event.type !== 'final') return [event];
      // What is believed of a turn withdraws what was believed of later ones.
      if (event.type === 'tentative') this.#withdrawAfter(event.turn);
      const told = this.#numbered(this.#owned(event));
      this.#remember(told, event.type === 'final');
      return [told];
    });
  }

  /** The turn is this speaker's from now on; what is to be told of it, also where it had that name. */
  assign(turn: number, owner: Owner, atSample: number): (CorrectionEvent | TentativeEvent)[] {
    const before = this.#turns.get(turn);
    if (before === undefined) return [];
    this.#owners.set(turn, { owner, startSample: before.told.startSample });
    const { overlap = false, others = [], ...now } = before.told;
    const told = { ...now, ...owner, probability: 1, atSample };
    if (before.isSettled) return [this.#add({ type: 'correction', ...told, was: now.speaker })];
    const tentative = this.#add({ type: 'tentative', ...told, overlap, others: without(others, owner) });
    return [tentative, ...this.#tellAfter(turn, atSample)];
  }

  save(): AssignedState {
    return { turns: this.#turns, unsettled: this.#unsettled, owners: this.#owners, added: this.#added };
  }

  load({ turns, unsettled, owners, added }: AssignedState): void {
    for (const [turn, remembered] of turns) this.#turns.set(turn, remembered);
    for (const turn of unsettled) this.#unsettled.add(turn);
    for (const [turn, owner] of owners) this.#owners.set(turn, owner);
    for (const [turn, count] of added) this.#added.set(turn, count);
  }

  /** What was told of later turns still holds. */
  #tellAfter(turn: number, atSample: number): TentativeEvent[] {
    const later = this.#after(turn).sort((a, b) => a - b);
    return later.map((number) => {
      const { overlap = false, others = [], ...told } = this.#turns.get(number)!.told;
      return this.#add({ type: 'tentative', ...told, atSample, overlap, others });
    });
  }

  /** Tell the next revision of a turn, here alone. */
  #add<Event extends CorrectionEvent | TentativeEvent>(before: Event): Event {
    const { turn, revision } = before;
    const event = { ...before, revision: revision + 1 };
    this.#added.set(turn, (this.#added.get(turn) ?? 0) + 1);
    this.#remember(event, event.type === 'correction');
    this.#own.add(event);
    return event;
  }

  /** A voice has another label: the turns that were assigned to it too. */
  #rename(
    label: string,
    { atSample, speaker, how }: Extract<IdentifyEvent, { type: 'named' }>,
  ): IdentifyEvent[] {
    const owner = { speaker, known: how !== 'merged' };
    return [...this.#owners]
      .filter(([, before]) => before.owner.speaker === label)
      .flatMap(([turn]) => this.assign(turn, owner, atSample));
  }

  #corrected(event: CorrectionEvent): IdentifyEvent[] {
    const owner = this.#owners.get(event.turn)?.owner;
    if (owner !== undefined) {
      const { turn, speaker, known, atSample, was } = event;
      // Whoever it was given to is called otherwise.
      return was === owner.speaker ? this.assign(turn, { speaker, known }, atSample) : [];
    }
    const told = this.#numbered(event);
    // One that was let go stays so: it would make room for itself among the last ones.
    if (this.remembers(event.turn)) this.#remember(told, true);
    return [told];
  }

  #owned<Event extends TentativeEvent | FinalEvent>(event: Event): Event {
    const owner = this.ownerOf(event.turn, event.startSample);
    if (owner === undefined) {
      this.#owners.delete(event.turn);
      return event;
    }
    return { ...event, ...owner, probability: 1, others: without(event.others, owner) };
  }

  #numbered<Event extends TurnEvent>(event: Event): Event {
    const added = this.#added.get(event.turn) ?? 0;
    return added === 0 ? event : { ...event, revision: event.revision + added };
  }

  #remember(event: TurnEvent, isSettled: boolean): void {
    const { turn, revision, startSample, endSample, atSample, speaker, known, score, probability } = event;
    const place = { turn, revision, startSample, endSample, atSample, speaker, known, score, probability };
    const beside = 'others' in event ? { overlap: event.overlap, others: event.others } : {};
    this.#turns.set(turn, { told: { ...place, ...beside }, isSettled });
    if (isSettled) this.#unsettled.delete(turn);
    else this.#unsettled.add(turn);
    if (this.#turns.size <= MAX_TURNS) return;
    const oldest = this.#turns.keys().next().value!;
    this.#turns.delete(oldest);
    this.#owners.delete(oldest);
    this.#added.delete(oldest);
  }

  /** Later turns of the same channel that are not settled. */
  #after(turn: number): number[] {
    return [...this.#unsettled].filter((number) => number > turn && this.#areOfOneChannel(number, turn));
  }

  #withdrawAfter(turn: number): void {
    for (const number of this.#after(turn)) {
      this.#unsettled.delete(number);
      this.#turns.delete(number);
    }
  }
}

function without(others: readonly string[], { speaker }: Owner): string[] {
  return others.filter((other) => other !== speaker);
}
