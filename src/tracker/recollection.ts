import type { Pooled } from './evidence-pool.js';
import type { Judge, PastTurn, Verdict } from './judge.js';
import type { Soundness } from './open-turn.js';
import type { Told } from './turn-log.js';
import { NOVEL } from '../scoring/voice.js';
import type { VoiceSet } from './voice-set.js';

/** Probability that a turn needs to adapt a speaker's reference on the stream. */
const LEARN_PROBABILITY = 0.5;
/** Speech that such a turn needs. */
const MIN_SOUND_SECONDS = 1.5;
/** Turns of one speaker that are kept and judged again. */
const MAX_TURNS_OF_ONE = 16;
/** Turns of all speakers that are kept. */
const MAX_TURNS = 512;
/**
 * Probability with which a turn is corrected that the examination of all turns found to be another
 * speaker's. Chosen with `npx tsx measure/accuracy/two-people.ts`.
 */
const ANOTHERS_PROBABILITY = 0.9;
/** Windows kept of a turn, to make an unknown speaker from it later. */
const MAX_WINDOWS = 8;

/** A settled turn of one voice. */
export interface SettledTurn extends PastTurn, Soundness {
  readonly pooled: Pooled;
  /** Net speech. */
  readonly seconds: number;
  /** Its last report. */
  readonly told: Told;
}

/** A turn, and its judgement now. */
export interface Disowned {
  readonly turn: SettledTurn;
  readonly verdict: Verdict;
}

/**
 * Reassigns turns that prove to belong to another speaker, all to the same one: that of the first verdict, or
 * a new voice if that has none. Returns their new reports.
 */
export type Disown = (turns: readonly Disowned[]) => Told[];

interface Recalled extends SettledTurn {
  told: Told;
  /** When it was settled. */
  readonly verdict: Verdict;
  /** Enrolled speaker who came nearest. */
  nearest: number;
  /** The same where it was given to that speaker, else `NOVEL`. */
  given: number;
}

/**
 * What settled turns teach about enrolled speakers: how well scores on this stream match the profiles, and
 * how each speaker sounds here. With every new turn of a speaker, the earlier ones are judged again as if
 * they had taught nothing. So an impostor who came first is detected when the real speaker talks, and what
 * the impostor taught is forgotten.
 */
export class Recollection {
  readonly #judge: Judge;
  readonly #people: VoiceSet;
  #turns: Recalled[] = [];

  constructor(judge: Judge, people: VoiceSet) {
    this.#judge = judge;
    this.#people = people;
  }

  /**
   * A turn was settled. `disown` gets earlier turns under an enrolled name that prove to belong to another
   * speaker.
   */
  add(turn: SettledTurn, verdict: Verdict, disown: Disown): void {
    this.#judge.countSure(verdict, 1);
    const { voice, nearest } = verdict;
    if (nearest === null) return;
    const { pooled } = turn;
    const kept: Pooled = { ...pooled, windows: pooled.windows.slice(-MAX_WINDOWS) };
    const given = voice?.known ? voice.id : NOVEL;
    const added: Recalled = { ...turn, pooled: kept, verdict, given, nearest: nearest.id };
    this.#teach(added, verdict);
    for (const other of this.#turns) {
      if (other.nearest === nearest.id) this.#reconsider(other, disown);
    }
    // A turn without a window of its own keeps the speaker that the search gave it.
    if (pooled.windows.length === 0) return;
    this.#remember(added);
    if (given !== NOVEL) this.#tellApart(given, disown);
  }

  /** Whether the turn can still be reassigned. */
  remembers(turn: number): boolean {
    return this.#turns.some((other) => other.turn === turn);
  }

  /** A person has said whose the turn is: it is judged no more. Returns it where it was kept. */
  release(turn: number): SettledTurn | undefined {
    const found = this.#turns.find((other) => other.turn === turn);
    if (found === undefined) return undefined;
    this.#takeBack(found, NOVEL);
    this.#judge.forget(turn, found.nearest);
    this.#turns = this.#turns.filter((other) => other !== found);
    return found;
  }

  /** Only these speakers are enrolled as they were; of the others nothing is judged again. */
  keep(ids: ReadonlySet<number>): void {
    this.#turns = this.#turns.filter(({ nearest }) => ids.has(nearest));
  }

  #reconsider(turn: Recalled, disown: Disown): void {
    const verdict = this.#judge.rejudge(turn);
    if (verdict.nearest === null) return;
    if (verdict.nearest.id !== turn.nearest) this.#judge.forget(turn.turn, turn.nearest);
    turn.nearest = verdict.nearest.id;
    const isTheirs = verdict.voice?.id === turn.given || this.#share(turn, verdict) >= LEARN_PROBABILITY;
    // Among many speakers none is likely; that is no evidence against one.
    const isDisproved = turn.given !== NOVEL && !isTheirs && verdict.knownLogOdds < 0;
    if (isDisproved) this.#takeBack(turn, verdict.voice?.known ? verdict.voice.id : NOVEL);
    this.#teach(turn, verdict);
    if (isDisproved) [turn.told] = disown([{ turn, verdict }]) as [Told];
  }

  /** Two speakers may share the name: then the turns of the other go to a new voice. */
  #tellApart(id: number, disown: Disown): void {
    const given = this.#turns.filter((turn) => turn.given === id);
    const others = this.#judge.anotherPersons(id, given).map((i) => given[i]!);
    if (others.length === 0) return;
    for (const turn of others) this.#takeBack(turn, NOVEL);
    const told = disown(
      others.map((turn) => {
        const now = this.#judge.rejudge(turn);
        const probability = Math.max(ANOTHERS_PROBABILITY, 1 - (now.nearest?.probability ?? 0));
        return { turn, verdict: { ...now, voice: null, probability } };
      }),
    );
    for (const [i, turn] of others.entries()) {
      turn.told = told[i]!;
      this.#teach(turn, this.#judge.rejudge(turn));
    }
  }

  /** The turn was not the speaker's whose it was said to be; perhaps it is another one's. */
  #takeBack(turn: Recalled, given: number): void {
    // It counted once, for the speaker it had when it was settled.
    if (turn.given === turn.verdict.voice?.id) this.#judge.countSure(turn.verdict, -1);
    this.#people.unhear(turn.given, turn.turn);
    turn.given = given;
  }

  /** Probability that a turn belongs to the speaker that it was given to. */
  #share({ given }: Recalled, { nearest }: Verdict): number {
    return nearest?.id === given ? nearest.probability : 0;
  }

  #teach(turn: Recalled, verdict: Verdict): void {
    this.#judge.learn(turn.turn, verdict);
    if (turn.given === NOVEL || turn.seconds < MIN_SOUND_SECONDS) return;
    const share = this.#share(turn, verdict);
    if (share >= LEARN_PROBABILITY) {
      this.#people.hear(turn.given, turn.turn, turn.pooled.direction, turn.seconds * share);
    } else this.#people.unhear(turn.given, turn.turn);
  }

  #remember(turn: Recalled): void {
    this.#turns.push(turn);
    const same = this.#turns.filter(({ nearest }) => nearest === turn.nearest);
    const forgotten =
      same.length > MAX_TURNS_OF_ONE ? same[0] : this.#turns.length > MAX_TURNS ? this.#turns[0] : null;
    if (forgotten !== null) this.#turns = this.#turns.filter((other) => other !== forgotten);
  }
}
