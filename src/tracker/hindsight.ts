import type { Owner } from './assigned-turns.js';
import { UNKNOWN, type CorrectionEvent } from './events.js';
import type { Judge } from './judge.js';
import type { Disowned } from './recollection.js';
import { corrected, TurnLog, type Told } from './turn-log.js';
import type { TurnSearch } from './turn-search.js';
import { UnclaimedTurns } from './unclaimed-turns.js';
import type { UnknownVoices } from './unknown-voices.js';
import { NOVEL, type Evidence } from '../scoring/voice.js';
import type { VoiceSet } from './voice-set.js';

/** Speech that an unknown speaker needs to become an enrolled one. */
const MIN_RECOGNISE_SECONDS = 6;
/** Probability that it needs. */
const RECOGNISE_PROBABILITY = 0.95;

/** What later turns prove of turns told before: corrections. */
export class Hindsight {
  readonly #people: VoiceSet;
  readonly #strangers: UnknownVoices;
  readonly #judge: Judge;
  readonly #search: TurnSearch;
  readonly #log = new TurnLog();
  readonly #unclaimed = new UnclaimedTurns();

  constructor(people: VoiceSet, strangers: UnknownVoices, judge: Judge, search: TurnSearch) {
    this.#people = people;
    this.#strangers = strangers;
    this.#judge = judge;
    this.#search = search;
  }

  /** A turn of an unknown voice was settled. */
  remember(told: Told, id: number): void {
    this.#log.add(told, id);
  }

  /** A turn was settled as `unknown`. Without evidence it cannot be assigned later. */
  rememberUnclaimed(told: Told, evidence: Evidence | null): void {
    if (evidence !== null) this.#unclaimed.add({ turn: told.turn, told, evidence });
  }

  /** A voice spoke: which `unknown` turns are its own? */
  claim(id: number, atSample: number): CorrectionEvent[] {
    const voice = this.#people.get(id);
    if (voice === undefined) return [];
    return this.#unclaimed.claim(voice, this.#judge).flatMap(({ told, verdict: { score, probability } }) => {
      const change = { speaker: voice.label, known: voice.known, atSample, score, probability };
      const correction = corrected(told, change);
      if (correction === undefined) return [];
      if (!voice.known) this.#log.add(correction, voice.id);
      return [correction];
    });
  }

  /** Voice `id` has an enrolled name from now on. */
  named(id: number, speaker: string, atSample: number): CorrectionEvent[] {
    const corrections = this.#log.correct(id, id, { speaker, known: true, atSample, probability: 1 });
    this.#log.forget(id);
    return corrections;
  }

  /** Voice `id` is `into`'s, which has another label, as a person says. */
  joined(id: number, into: number, owner: Owner, atSample: number): CorrectionEvent[] {
    this.#search.relabel(id, into);
    const corrections = this.#log.correct(id, into, { ...owner, atSample, probability: 1 });
    if (owner.known) this.#log.forget(into);
    return corrections;
  }

  /** A person has said whose the turn is: nothing that is heard later counts. */
  release(turn: number): void {
    this.#log.release(turn);
    this.#unclaimed.release(turn);
  }

  /** Voice `id` was heard again: does it have a label now, is it two, another unknown voice, or an enrolled speaker? */
  review(id: number, atSample: number): CorrectionEvent[] {
    const corrections: CorrectionEvent[] = [];
    for (const { turns, into } of this.#strangers.divide(id, atSample)) {
      const speaker = this.#people.get(into)?.label ?? UNKNOWN;
      corrections.push(...this.#log.correctTurns(turns, into, { speaker, known: false, atSample }));
    }
    const label = this.#people.get(id)?.label ?? UNKNOWN;
    if (label !== UNKNOWN) {
      corrections.push(...this.#log.correct(id, id, { speaker: label, known: false, atSample }));
    }
    for (const { from, into } of this.#strangers.merge()) {
      this.#search.relabel(from, into);
      const speaker = this.#people.get(into)!.label;
      corrections.push(...this.#log.correct(from, into, { speaker, known: false, atSample }));
      corrections.push(...this.#log.correct(into, into, { speaker, known: false, atSample }));
    }
    return [...corrections, ...this.#recognise(id, atSample)];
  }

  /** Turns reported under an enrolled name belong to voice `id`; `NOVEL`: to no labelled voice. */
  disowned(turns: readonly Disowned[], id: number, atSample: number): CorrectionEvent[] {
    const voice = this.#people.get(id);
    const change = { speaker: voice?.label ?? UNKNOWN, known: voice?.known ?? false, atSample };
    const corrections = turns.flatMap(({ turn, verdict: { score, probability } }) => {
      const correction = corrected(turn.told, { ...change, score, probability });
      if (voice === undefined) this.rememberUnclaimed(correction ?? turn.told, turn.evidence);
      return correction === undefined ? [] : [correction];
    });
    if (voice === undefined || voice.known) return corrections;
    for (const correction of corrections) this.#log.add(correction, id);
    return corrections.length === 0 ? [] : [...corrections, ...this.review(id, atSample)];
  }

  /** All speech of an unknown voice may identify an enrolled speaker where no single turn did. */
  #recognise(id: number, atSample: number): CorrectionEvent[] {
    const recorded = this.#strangers.recorded(id);
    if (recorded === undefined || recorded.seconds < MIN_RECOGNISE_SECONDS) return [];
    const { voice, probability } = this.#judge.judge(recorded, recorded.seconds, NOVEL, id);
    if (!voice?.known || probability < RECOGNISE_PROBABILITY) return [];
    this.#strangers.forget(id);
    this.#people.dropUnknown(id);
    this.#search.relabel(id, voice.id);
    const corrections = this.#log.correct(id, voice.id, {
      speaker: voice.label,
      known: true,
      atSample,
      probability,
    });
    this.#log.forget(voice.id);
    return corrections;
  }
}
