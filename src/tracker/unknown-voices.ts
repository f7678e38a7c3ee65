import type { Pooled } from './evidence-pool.js';
import { UNKNOWN } from './events.js';
import type { Scorer } from '../scoring/scorer.js';
import { anotherPersons } from './two-people.js';
import { addScaled, dot, norm } from '../vectors.js';
import type { Voice } from '../scoring/voice.js';
import type { VoiceSet } from './voice-set.js';

/** Speech after which an unknown speaker gets a label. */
const MIN_LABEL_SECONDS = 2.5;
/** Share of sure speech that it needs. */
const MIN_LABEL_SHARE = 0.17;
/** Speech that a turn needs to create an unknown speaker. */
const MIN_FOUND_SECONDS = 1.5;
/** Recent speech that the centroid of an unknown speaker follows. */
const MAX_MEMORY_SECONDS = 60;
/** Windows kept of an unknown speaker, to enrol it from. */
const MAX_WINDOWS = 32;
/** Turns kept of an unknown speaker, to divide it by. */
const MAX_TURNS = 16;
/** Windows kept of each of those turns. */
const MAX_TURN_WINDOWS = 8;
/** Log-odds from which two unknown speakers are merged. */
const MERGE_LOG_ODDS = 3;
/** Unknown speakers without a label that are kept. */
const MAX_NAMELESS = 8;

interface UnknownVoice {
  readonly id: number;
  /** 0 until there is enough speech. */
  number: number;
  readonly sum: Float32Array;
  weight: number;
  /** All speech, and the sure part of it. */
  seconds: number;
  sureSeconds: number;
  windows: Float32Array[];
  /** The last ones, in order of time. */
  turns: OwnTurn[];
  lastSample: number;
}

/** What a voice learns from: a settled turn that was its own. */
export interface OwnTurn {
  /** Its number, as told. */
  readonly turn: number;
  readonly pooled: Pooled;
  readonly seconds: number;
  /** Share of its speech that is surely speech. */
  readonly sureShare: number;
}

/** One voice proved to be two: these turns are another's. */
export interface Division {
  readonly into: number;
  /** Their numbers. */
  readonly turns: readonly number[];
}

/** Two voices proved to be one. */
export interface Merge {
  readonly from: number;
  readonly into: number;
}

/**
 * The unknown speakers of a stream. Clean speech without a speaker creates one. It gets a label after enough
 * speech, learns from each later turn, is divided if it proves to be two, and merged if it proves to be
 * another. Their number is bounded: the one silent for longest is dropped.
 */
export class UnknownVoices {
  readonly #people: VoiceSet;
  readonly #scorer: Scorer;
  readonly #maxLabels: number;
  readonly #voices = new Map<number, UnknownVoice>();
  /** Labels up to this number were given away. */
  #labels = 0;
  /** Greater numbers that no voice gets. */
  readonly #retired = new Set<number>();

  constructor(people: VoiceSet, scorer: Scorer, maxLabels: number) {
    this.#people = people;
    this.#scorer = scorer;
    this.#maxLabels = maxLabels;
  }

  /** The label of the next voice, or the one `ahead` after it: an open turn may be reported under it. */
  nextLabel(ahead = 0): string {
    let number = this.#labels + 1;
    for (let left = ahead; left > 0 || this.#retired.has(number); number++) {
      if (!this.#retired.has(number)) left--;
    }
    return labelOf(number);
  }

  /** A turn in progress may have been told under this label, and was named: no other voice is called so. */
  retire(label: string): void {
    const number = Number(label.slice(UNKNOWN.length + 1));
    if (number <= this.#labels) return;
    this.#retired.add(number);
    this.#passRetired();
  }

  /** Whether a turn's speech is enough for a label. */
  static isEnough(seconds: number): boolean {
    return seconds >= MIN_LABEL_SECONDS;
  }

  /** Found a voice on a settled turn; undefined where there is too little of it. */
  found(turn: OwnTurn, atSample: number): Voice | undefined {
    const { windows, direction } = turn.pooled;
    if (turn.seconds < MIN_FOUND_SECONDS || windows.length === 0) return undefined;
    const id = this.#begin(direction.length, atSample);
    this.learn(id, turn, atSample);
    return this.#people.get(id);
  }

  /** A settled turn was this voice's. */
  learn(id: number, own: OwnTurn, atSample: number): void {
    const voice = this.#voices.get(id);
    if (voice === undefined) return;
    const { pooled, seconds, sureShare } = own;
    const { direction, windows } = pooled;
    const fade = Math.min(1, Math.max(0, MAX_MEMORY_SECONDS - seconds) / Math.max(voice.weight, 1e-9));
    for (let i = 0; i < voice.sum.length; i++) voice.sum[i]! *= fade;
    voice.weight = voice.weight * fade + seconds;
    addScaled(voice.sum, direction, seconds);
    voice.seconds += seconds;
    voice.sureSeconds += sureShare * seconds;
    voice.windows = [...voice.windows, ...windows].slice(-MAX_WINDOWS);
    const kept = { ...pooled, windows: windows.slice(-MAX_TURN_WINDOWS) };
    voice.turns = inOrder([...voice.turns, { turn: own.turn, pooled: kept, seconds, sureShare }]);
    voice.lastSample = Math.max(voice.lastSample, atSample);
    this.#label(voice);
    this.#publish(voice);
    this.#makeRoom();
  }

  /** The voice as two, if its turns prove that two spoke; the one with more speech keeps the label. */
  divide(id: number, atSample: number): Division[] {
    const voice = this.#voices.get(id);
    if (voice === undefined) return [];
    const said = voice.turns.map(({ pooled, seconds }) => ({ direction: pooled.direction, seconds }));
    const others = anotherPersons(said, this.#scorer).map((i) => voice.turns[i]!);
    if (others.length === 0) return [];
    const into = this.#begin(voice.sum.length, atSample);
    for (const other of others) this.learn(into, other, atSample);
    this.#unlearn(voice, others);
    this.#publish(voice);
    return [{ into, turns: others.map(({ turn }) => turn) }];
  }

  /** Pairs of voices that proved to be one, merged into the one heard first; the caller tells of it. */
  merge(): Merge[] {
    const merges: Merge[] = [];
    const voices = [...this.#voices.values()];
    for (const [i, younger] of voices.entries()) {
      for (const older of voices.slice(0, i)) {
        if (!this.#voices.has(older.id) || !this.#areOne(older, younger)) continue;
        this.#absorb(older, younger);
        merges.push({ from: younger.id, into: older.id });
        break;
      }
    }
    return merges;
  }

  /** All speech of a voice: `direction` is its centroid, `seconds` its net duration. */
  recorded(id: number): (Pooled & { readonly seconds: number }) | undefined {
    const voice = this.#voices.get(id);
    if (voice === undefined) return undefined;
    return {
      direction: centroid(voice),
      windows: voice.windows,
      seconds: voice.seconds,
    };
  }

  /** Two voices are one, as a person says: the first has no label of its own any more. */
  join(from: number, into: number): void {
    const [one, other] = [this.#voices.get(from), this.#voices.get(into)];
    if (one !== undefined && other !== undefined) this.#absorb(other, one);
  }

  /** Turns that are kept of a voice, in order of time. */
  turnsOf(id: number): readonly OwnTurn[] {
    return this.#voices.get(id)?.turns ?? [];
  }

  /** The turn was nobody's of these after all; returns it where it was kept. */
  release(turn: number): OwnTurn | undefined {
    for (const voice of this.#voices.values()) {
      const own = voice.turns.find((other) => other.turn === turn);
      if (own === undefined) continue;
      // The only turn of a voice is all that is known of it.
      if (voice.turns.length === 1) return own;
      this.#unlearn(voice, [own]);
      this.#publish(voice);
      return own;
    }
    return undefined;
  }

  /** The voice is an enrolled speaker's now. */
  forget(id: number): void {
    this.#voices.delete(id);
  }

  /** A voice of which nothing is known. */
  #begin(dimension: number, atSample: number): number {
    const id = this.#people.newId();
    const nothing = { sum: new Float32Array(dimension), weight: 0, seconds: 0, sureSeconds: 0 };
    this.#voices.set(id, { id, number: 0, ...nothing, windows: [], turns: [], lastSample: atSample });
    return id;
  }

  /** The turns were another's: the voice sounds as the others that are kept of it do. */
  #unlearn(voice: UnknownVoice, turns: readonly OwnTurn[]): void {
    voice.turns = voice.turns.filter((turn) => !turns.includes(turn));
    voice.windows = voice.turns.flatMap(({ pooled }) => pooled.windows).slice(-MAX_WINDOWS);
    voice.sum.fill(0);
    voice.weight = 0;
    for (const { pooled, seconds } of voice.turns) {
      addScaled(voice.sum, pooled.direction, seconds);
      voice.weight += seconds;
    }
    for (const { seconds, sureShare } of turns) {
      voice.seconds -= seconds;
      voice.sureSeconds -= sureShare * seconds;
    }
  }

  #areOne(a: UnknownVoice, b: UnknownVoice): boolean {
    const [one, other] = [this.#people.get(a.id), this.#people.get(b.id)];
    if (one === undefined || other === undefined) return false;
    const standard = this.#scorer.standard(dot(one.centroid, other.centroid), one, other);
    return this.#scorer.logOdds(standard, this.#scorer.genuine(a.seconds, b.seconds)) >= MERGE_LOG_ODDS;
  }

  #absorb(into: UnknownVoice, from: UnknownVoice): void {
    addScaled(into.sum, from.sum, 1);
    into.weight += from.weight;
    into.seconds += from.seconds;
    into.sureSeconds += from.sureSeconds;
    into.windows = [...into.windows, ...from.windows].slice(-MAX_WINDOWS);
    into.turns = inOrder([...into.turns, ...from.turns]);
    into.lastSample = Math.max(into.lastSample, from.lastSample);
    // Of two labels, that of the earlier voice.
    if (into.number === 0) into.number = from.number;
    this.#voices.delete(from.id);
    this.#people.dropUnknown(from.id);
    this.#label(into);
    this.#publish(into);
    this.#makeRoom();
  }

  /** As soon as it is earned. */
  #label(voice: UnknownVoice): void {
    if (voice.number > 0 || !earnsLabel(voice)) return;
    voice.number = ++this.#labels;
    this.#passRetired();
  }

  #passRetired(): void {
    while (this.#retired.delete(this.#labels + 1)) this.#labels++;
  }

  #publish(voice: UnknownVoice): void {
    this.#people.setUnknown(voice.id, labelOf(voice.number), centroid(voice), voice.seconds);
  }

  #makeRoom(): void {
    for (const isNamed of [true, false]) {
      const group = [...this.#voices.values()].filter(({ number }) => number > 0 === isNamed);
      group.sort((a, b) => a.lastSample - b.lastSample || a.id - b.id);
      for (const { id } of group.slice(
        0,
        Math.max(0, group.length - (isNamed ? this.#maxLabels : MAX_NAMELESS)),
      )) {
        this.#voices.delete(id);
        this.#people.dropUnknown(id);
      }
    }
  }
}

function labelOf(number: number): string {
  return number === 0 ? UNKNOWN : `${UNKNOWN}-${number}`;
}

function inOrder(turns: OwnTurn[]): OwnTurn[] {
  return turns.sort((a, b) => a.turn - b.turn).slice(-MAX_TURNS);
}

function earnsLabel({ seconds, sureSeconds }: UnknownVoice): boolean {
  return seconds >= MIN_LABEL_SECONDS && sureSeconds >= MIN_LABEL_SHARE * seconds;
}

function centroid({ sum }: UnknownVoice): Float32Array {
  const length = norm(sum);
  return sum.map((value) => value / length);
}
