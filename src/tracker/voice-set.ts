import { WhospeaksError } from '../errors.js';
import type { Cohort } from '../scoring/cohort.js';
import type { Profile } from '../speakers/profile.js';
import { nameKey } from '../speakers/speaker-name.js';
import { StreamVoice } from './stream-voice.js';
import { addScaled, dot, unit } from '../vectors.js';
import { voiceOf, type Voice } from '../scoring/voice.js';

/** With more enrolled speakers, each window has candidates only. */
const LOOK_AT_ALL = 50;
/** Nearest enrolled speakers that are candidates of a window. */
const NEAREST = 30;
/** Recent windows whose candidates stay. */
const REMEMBERED_WINDOWS = 4;

/** Finds the enrolled speakers nearest to an embedding; positions in the list that it was made of, the nearest first. */
export interface VoiceIndex {
  nearest(embedding: Float32Array, count: number): readonly number[];
}

/** Makes an index over unit vectors. */
export type MakeVoiceIndex = (centroids: readonly Float32Array[]) => VoiceIndex;

/** Everybody a turn can be given to: the enrolled speakers, and the unknown voices that a stream has had. */
export class VoiceSet {
  readonly #cohort: Cohort | null;
  readonly #makeIndex: MakeVoiceIndex;
  readonly #adapts: boolean;
  #enrolled: Voice[] = [];
  /** The enrolled speakers as enrolled, without adaptation to the stream, by id. */
  readonly #profiles = new Map<number, Voice>();
  #index: VoiceIndex | null = null;
  #streamVoices = new Map<number, StreamVoice>();
  #unknown = new Map<number, Voice>();
  #byId = new Map<number, Voice>();
  #nextId = 1;
  #recent: (readonly Voice[])[] = [];

  constructor(cohort: Cohort | null, makeIndex: MakeVoiceIndex = scan, adapts = false) {
    this.#adapts = adapts;
    this.#cohort = cohort;
    this.#makeIndex = makeIndex;
  }

  get enrolled(): readonly Voice[] {
    return this.#enrolled;
  }

  get unknownCount(): number {
    return this.#unknown.size;
  }

  newId(): number {
    return this.#nextId++;
  }

  get(id: number): Voice | undefined {
    return this.#byId.get(id);
  }

  /** An enrolled speaker as enrolled, without adaptation to the stream. */
  asEnrolled(id: number): Voice | undefined {
    return this.#profiles.get(id);
  }

  unknown(): IterableIterator<Voice> {
    return this.#unknown.values();
  }

  /**
   * Replace the enrolled speakers. One that stays keeps the id, and, with the same profile, what the stream
   * taught. Returns the ids with the same profile.
   */
  enrol(profiles: readonly Profile[]): Set<number> {
    const before = new Map(this.#profiles);
    this.#profiles.clear();
    const same = new Set<number>();
    const ids = new Map(this.#enrolled.map(({ label, id }) => [nameKey(label), id]));
    const heard = this.#streamVoices;
    this.#streamVoices = new Map();
    this.#enrolled = profiles.map((profile) => {
      const { name, speechSeconds } = profile;
      const centroid = this.#adapts ? adapted(profile) : profile.centroid;
      const id = ids.get(nameKey(name)) ?? this.newId();
      const profileBefore = before.get(id)?.centroid;
      const isSame = profileBefore !== undefined && isEqual(profileBefore, centroid);
      if (isSame) same.add(id);
      const enrolled = this.#voice(id, name, true, centroid, speechSeconds);
      this.#profiles.set(id, enrolled);
      const voice = heard.get(id);
      if (!isSame || voice === undefined) return enrolled;
      this.#streamVoices.set(id, voice);
      return this.#streamVoice(id, name, speechSeconds, voice);
    });
    this.#reindex();
    return same;
  }

  /**
   * Name an unknown voice; it keeps its id. @throws {WhospeaksError} `speaker-exists` if an enrolled speaker
   * has that name.
   */
  name(id: number, { name, centroid, speechSeconds }: Profile): void {
    if (this.#enrolled.some(({ label }) => nameKey(label) === nameKey(name))) {
      throw new WhospeaksError('speaker-exists', `"${name}" is enrolled already; choose another name`);
    }
    this.#unknown.delete(id);
    const voice = this.#voice(id, name, true, centroid, speechSeconds);
    this.#profiles.set(id, voice);
    this.#enrolled.push(voice);
    this.#reindex();
  }

  /** A turn was this enrolled speaker's; its speech is weighed by how likely that is. */
  hear(id: number, turn: number, direction: Float32Array, seconds: number): void {
    const voice = this.#byId.get(id);
    if (!voice?.known) return;
    const heard = this.#streamVoices.get(id) ?? new StreamVoice(voice.centroid);
    this.#setStreamVoice(voice, heard.with(turn, direction, seconds));
  }

  /** The turn was not. */
  unhear(id: number, turn: number): void {
    const voice = this.#byId.get(id);
    const heard = this.#streamVoices.get(id);
    if (voice !== undefined && heard !== undefined) this.#setStreamVoice(voice, heard.without(turn));
  }

  /** The voice as if the turn had not been heard; of an unknown one as it is. */
  without(voice: Voice, turn: number): Voice {
    const heard = this.#streamVoices.get(voice.id);
    if (heard === undefined) return voice;
    const less = heard.without(turn);
    return less === heard ? voice : this.#streamVoice(voice.id, voice.label, voice.seconds, less);
  }

  setUnknown(id: number, label: string, centroid: Float32Array, seconds: number): void {
    const voice = this.#voice(id, label, false, centroid, seconds);
    this.#unknown.set(id, voice);
    this.#byId.set(id, voice);
  }

  dropUnknown(id: number): void {
    this.#unknown.delete(id);
    this.#byId.delete(id);
  }

  /** The candidates of a window: all voices, or, of very many, the nearest of the last windows. */
  near(embedding: Float32Array): Voice[] {
    const unknown = [...this.#unknown.values()];
    if (this.#index === null) return [...this.#enrolled, ...unknown];
    const found = this.nearest(embedding);
    this.#recent = [...this.#recent, found].slice(-REMEMBERED_WINDOWS);
    return [...new Set(this.#recent.flat()), ...unknown];
  }

  /** The enrolled speakers nearest to a direction; all of them where they are few. */
  nearest(direction: Float32Array): readonly Voice[] {
    if (this.#index === null) return this.#enrolled;
    return this.#index.nearest(direction, NEAREST).map((position) => this.#enrolled[position]!);
  }

  #setStreamVoice({ id, label, seconds }: Voice, heard: StreamVoice): void {
    const voice = this.#streamVoice(id, label, seconds, heard);
    this.#streamVoices.set(id, heard);
    this.#enrolled[this.#enrolled.findIndex((other) => other.id === id)] = voice;
    this.#byId.set(id, voice);
  }

  #reindex(): void {
    this.#byId = new Map([...this.#enrolled, ...this.#unknown.values()].map((voice) => [voice.id, voice]));
    this.#recent = [];
    this.#index =
      this.#enrolled.length > LOOK_AT_ALL
        ? this.#makeIndex(this.#enrolled.map(({ centroid }) => centroid))
        : null;
  }

  #streamVoice(id: number, label: string, seconds: number, { centroid, strangeness }: StreamVoice): Voice {
    return this.#voice(id, label, true, centroid, seconds, strangeness);
  }

  #voice(
    id: number,
    label: string,
    known: boolean,
    centroid: Float32Array,
    seconds: number,
    strangeness = 0,
  ): Voice {
    return voiceOf(this.#cohort, { id, label, known, centroid, seconds, strangeness });
  }
}

/** Largest share of stored adaptations in a profile. */
const MAX_ADAPTED_SHARE = 0.3;

function adapted({ centroid, adaptations = [] }: Profile): Float32Array {
  if (adaptations.length === 0) return centroid;
  const sum = Float32Array.from(centroid);
  const share = (MAX_ADAPTED_SHARE * adaptations.length) / (adaptations.length + 1);
  for (const { vector } of adaptations) addScaled(sum, vector, share / (1 - share) / adaptations.length);
  return unit(sum);
}

function isEqual(a: Float32Array, b: Float32Array): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}

/** Every centroid is compared: 2 ms for ten thousand. */
function scan(centroids: readonly Float32Array[]): VoiceIndex {
  return {
    nearest: (embedding, count) => {
      const cosines = Float64Array.from(centroids, (centroid) => dot(centroid, embedding));
      const order = Array.from(cosines.keys()).sort((a, b) => cosines[b]! - cosines[a]! || a - b);
      return order.slice(0, count);
    },
  };
}
