import type { ModelIdentity, Profile } from './profile.js';
import { profileOfVoice } from './profile-of-voice.js';
import type { FinalEvent, TentativeEvent } from '../events/events.js';

/** Only a turn as sure as this is taken for the speaker's. */
const MIN_PROBABILITY = 0.9;
/** An enrolment gains nothing from more speech, seconds. */
const ENOUGH_SECONDS = 60;
/** A better profile is made each time that so many times as much was heard. */
const GROWTH = 2;

interface Heard {
  readonly windows: readonly Float32Array[];
  /** Net speech. */
  readonly seconds: number;
}

interface Growing {
  readonly name: string;
  /** What it was named by, and what else was said to be of it. */
  readonly told: Heard[];
  /** By number. */
  readonly turns: Map<number, Heard>;
  /** Speech behind the profile that was made last. */
  madeSeconds: number;
}

/**
 * Goes on collecting what speakers say who were named on the stream: a profile of the few seconds before the naming is a poor one.
 * A turn that proves to be somebody else's is taken out again.
 */
export class GrowingProfiles {
  readonly #model: ModelIdentity | undefined;
  readonly #onProfile: ((profile: Profile) => void) | undefined;
  readonly #growing = new Map<number, Growing>();

  constructor(model: ModelIdentity | undefined, onProfile: ((profile: Profile) => void) | undefined) {
    this.#model = model;
    this.#onProfile = onProfile;
  }

  /** A voice was named. @param first what is settled of it by now */
  begin(voice: number, { name, speechSeconds }: Profile, { windows, seconds }: Heard): void {
    const told = [{ windows, seconds }];
    this.#growing.set(voice, { name, told, turns: new Map(), madeSeconds: speechSeconds });
  }

  /** Another unknown voice joined the profile of this one. */
  learn(voice: number, { windows, seconds }: Heard): void {
    const growing = this.#growing.get(voice);
    if (growing === undefined) return;
    growing.told.push({ windows, seconds });
    growing.madeSeconds += seconds;
  }

  /** A turn of one voice was settled. Makes a profile where so much more was heard. */
  add(told: FinalEvent | TentativeEvent, voice: number, { windows, seconds }: Heard): void {
    const growing = this.#growing.get(voice);
    if (growing === undefined || !told.known || told.overlap || told.probability < MIN_PROBABILITY) return;
    if (secondsOf(growing) >= ENOUGH_SECONDS) return;
    growing.turns.set(told.turn, { windows, seconds });
    if (secondsOf(growing) >= GROWTH * growing.madeSeconds) this.#make(growing);
  }

  /** The turn was somebody else's. */
  withdraw(turn: number): void {
    for (const { turns } of this.#growing.values()) turns.delete(turn);
  }

  /** Of others than these voices nothing is collected any more: they were removed, or have another name. */
  keep(isStill: (voice: number, name: string) => boolean): void {
    for (const [voice, { name }] of this.#growing) if (!isStill(voice, name)) this.#growing.delete(voice);
  }

  save(): ReadonlyMap<number, Growing> {
    return this.#growing;
  }

  load(state: ReadonlyMap<number, Growing>): void {
    for (const [voice, growing] of state) this.#growing.set(voice, growing);
  }

  /** The stream is over. */
  end(): void {
    for (const growing of this.#growing.values())
      if (growing.turns.size > 0 && secondsOf(growing) !== growing.madeSeconds) this.#make(growing);
  }

  #make(growing: Growing): void {
    growing.madeSeconds = secondsOf(growing);
    const windows = heardOf(growing).flatMap((heard) => heard.windows);
    const voice = { windows, seconds: growing.madeSeconds };
    this.#onProfile?.(profileOfVoice(growing.name, this.#model, voice));
  }
}

function heardOf({ told, turns }: Growing): Heard[] {
  return [...told, ...turns.values()];
}

function secondsOf(growing: Growing): number {
  return heardOf(growing).reduce((sum, { seconds }) => sum + seconds, 0);
}
