import { WhospeaksError } from '../errors.js';
import type { Cohort } from '../scoring/cohort.js';
import { NOVEL, voiceOf, type Evidence, type Voice } from '../scoring/voice.js';
import { adapted } from '../speakers/lessons.js';
import type { Profile } from '../speakers/profile.js';
import { nameKey } from '../speakers/speaker-name.js';
import { compareAll, type MakeVoiceIndex, type VoiceIndex } from '../speakers/voice-index.js';
import { addScaled, dot, norm, unit } from '../vectors.js';
import { UNKNOWN } from '../events/events.js';
import { Labels, numberOf } from './labels.js';
import type { Weighed } from './weighed.js';
import { WHO } from './settings.js';

/** With more enrolled speakers, each window has candidates only. */
const LOOK_AT_ALL = 50;
/** Nearest enrolled speakers that are candidates of a window. */
const NEAREST = 30;
/** Recent windows whose candidates stay. */
const REMEMBERED_WINDOWS = 4;

/** How a voice compares with a turn. */
interface Nearness {
  readonly cosine: number;
  /** Speech behind the voice. */
  readonly seconds: number;
}

type Enrolled = Pick<Profile, 'centroid' | 'speechSeconds'>;

/** Somebody who may speak: the profile, if there is one, and what the stream has had of the voice. */
export class Speaker {
  readonly id: number;
  /** As enrolled; null of an unknown one. */
  readonly profile: Voice | null;
  readonly #cohort: Cohort | null;
  #label: string;
  #turns: readonly Weighed[] = [];
  /** Of an unknown one: sum of the turns, each weighed by its speech. */
  #sum: Float32Array;
  #voice: Voice;

  constructor(cohort: Cohort | null, id: number, label: string, of: Enrolled | Float32Array) {
    const isKnown = !(of instanceof Float32Array);
    const centroid = isKnown ? of.centroid : of;
    const seconds = isKnown ? of.speechSeconds : 0;
    this.#cohort = cohort;
    this.id = id;
    this.#label = label;
    this.#sum = new Float32Array(centroid.length);
    this.#voice = voiceOf(cohort, { id, label, known: isKnown, centroid, seconds });
    this.profile = isKnown ? this.#voice : null;
  }

  save(): SpeakerState {
    const { id, label, known } = this;
    const { centroid, seconds } = this.profile ?? this.voice;
    return { id, label, known, centroid, seconds, turns: this.#turns };
  }

  static from(cohort: Cohort | null, { id, label, known, centroid, seconds, turns }: SpeakerState): Speaker {
    const speaker = new Speaker(cohort, id, label, known ? { centroid, speechSeconds: seconds } : centroid);
    speaker.hear(turns);
    return speaker;
  }

  get known(): boolean {
    return this.profile !== null;
  }

  get label(): string {
    return this.#label;
  }

  set label(label: string) {
    this.#label = label;
    this.#voice = this.#voiceAt(this.#voice.centroid);
  }

  /** As it is expected on this stream: of an enrolled one the profile, together with the turns that a person assigned. */
  get voice(): Voice {
    return this.#voice;
  }

  /** The last turns that are its own, in order of time. */
  get turns(): readonly Weighed[] {
    return this.#turns;
  }

  /** Net speech of those turns. */
  get seconds(): number {
    return secondsOf(this.#turns);
  }

  get sureSeconds(): number {
    return this.#turns.reduce((sum, { heard }) => sum + heard.sureSeconds, 0);
  }

  isOnly(turn: Weighed): boolean {
    return !this.known && this.#turns.length === 1 && this.#turns[0] === turn;
  }

  /** Its turns are these, in order of time; the last of them count. */
  hear(turns: readonly Weighed[]): void {
    let first = turns.length;
    for (
      let seconds = 0;
      first > 0 && seconds < WHO.recentSeconds && turns.length - first < WHO.recentTurns;
    ) {
      seconds += turns[--first]!.heard.seconds;
    }
    this.#turns = turns.slice(first);
    this.#voice = this.#voiceAt(this.profile === null ? this.#middle() : this.#taught(this.profile));
  }

  /**
   * How near a turn is. Null where nothing else was heard.
   * @param past the turn, where it is settled: of an unknown speaker's own as if it had not been heard
   */
  nearness(direction: Float32Array, past?: Weighed): Nearness | null {
    const { centroid, seconds } = this.#voice;
    if (this.known || past === undefined || !this.#turns.includes(past)) {
      return { cosine: dot(centroid, direction), seconds };
    }
    if (this.#turns.length === 1) return null;
    const others = Float32Array.from(this.#sum);
    addScaled(others, direction, -past.heard.seconds);
    return { cosine: dot(others, direction) / norm(others), seconds: seconds - past.heard.seconds };
  }

  /** All that the stream has had of it, with this turn. `isMore`: there is more than the turn. */
  heardWith({
    direction,
    seconds,
  }: Evidence): Pick<Evidence, 'direction' | 'seconds'> & { readonly isMore: boolean } {
    const others = this.#turns.filter(({ heard }) => heard.direction !== direction);
    if (others.length === 0) return { direction, seconds, isMore: false };
    const sum = direction.map((value) => value * seconds);
    for (const turn of others) addScaled(sum, turn.heard.direction, this.#weight(turn));
    const total = others.reduce((all, turn) => all + this.#weight(turn), seconds);
    return { direction: unit(sum), seconds: total, isMore: true };
  }

  /** Speech that may be another's counts less. */
  #weight({ heard, verdict, isAssigned }: Weighed): number {
    return heard.seconds * (this.known && !isAssigned ? verdict.probability : 1);
  }

  /** Of an unknown speaker: the mean of its turns. */
  #middle(): Float32Array {
    if (this.#turns.length === 0) return this.#voice.centroid;
    this.#sum = sumOf(this.#turns);
    return unit(this.#sum);
  }

  /** The profile with what a person assigned. */
  #taught({ centroid }: Voice): Float32Array {
    const assigned = this.#turns.filter(({ isAssigned }) => isAssigned);
    if (assigned.length === 0) return centroid;
    const seconds = secondsOf(assigned);
    const share = (WHO.assignedShare * seconds) / (seconds + WHO.assignedSeconds);
    const mixed = Float32Array.from(centroid);
    addScaled(mixed, unit(sumOf(assigned)), share / (1 - share));
    return unit(mixed);
  }

  #voiceAt(centroid: Float32Array): Voice {
    const { id, known, profile } = this;
    const seconds = profile?.seconds ?? this.seconds;
    return voiceOf(this.#cohort, { id, label: this.#label, known, centroid, seconds });
  }
}

function secondsOf(turns: readonly Weighed[]): number {
  return turns.reduce((sum, { heard }) => sum + heard.seconds, 0);
}

/** Each turn weighed by its speech. */
function sumOf(turns: readonly Weighed[]): Float32Array {
  const sum = new Float32Array(turns[0]!.heard.direction.length);
  for (const { heard } of turns) addScaled(sum, heard.direction, heard.seconds);
  return sum;
}

interface SpeakerState {
  readonly id: number;
  readonly label: string;
  readonly known: boolean;
  /** Of an enrolled speaker the profile's. */
  readonly centroid: Float32Array;
  readonly seconds: number;
  readonly turns: readonly Weighed[];
}

interface RosterState {
  readonly enrolled: readonly SpeakerState[];
  readonly strangers: readonly SpeakerState[];
  readonly nextId: number;
  readonly recent: ReadonlyMap<number, readonly (readonly number[])[]>;
  readonly labels: ReturnType<Labels['save']>;
}

/** Everybody a turn can be given to: the enrolled speakers, and the unknown ones that a stream has had. */
export class Roster {
  readonly #cohort: Cohort | null;
  readonly #makeIndex: MakeVoiceIndex;
  readonly #adapts: boolean;
  #enrolled: Speaker[] = [];
  #index: VoiceIndex | null = null;
  readonly #strangers = new Map<number, Speaker>();
  #byId = new Map<number, Speaker>();
  #nextId = 1;
  /** By channel. */
  readonly #recent = new Map<number, readonly (readonly Speaker[])[]>();
  readonly labels = new Labels();

  constructor(cohort: Cohort | null, makeIndex: MakeVoiceIndex = compareAll, adapts = false) {
    this.#cohort = cohort;
    this.#makeIndex = makeIndex;
    this.#adapts = adapts;
  }

  get enrolled(): readonly Speaker[] {
    return this.#enrolled;
  }

  get strangers(): readonly Speaker[] {
    return [...this.#strangers.values()];
  }

  speaker(id: number): Speaker | undefined {
    return this.#byId.get(id);
  }

  /** The id of who is called so, an enrolled name or the label of an unknown one; `NOVEL` where nobody is. */
  called(label: string): number {
    return (
      [...this.#byId.values()].find((speaker) => speaker.label === label && label !== UNKNOWN)?.id ?? NOVEL
    );
  }

  get(id: number): Voice | undefined {
    return this.#byId.get(id)?.voice;
  }

  unknown(): Voice[] {
    return this.strangers.map(({ voice }) => voice);
  }

  /** The candidates of a window: all voices, or, of very many, the nearest of the channel's last windows. */
  near(embedding: Float32Array, channel = 0): Voice[] {
    const among = this.candidates(embedding);
    if (this.#index === null) return [...among.map(({ voice }) => voice), ...this.unknown()];
    const recent = [...(this.#recent.get(channel) ?? []), among].slice(-REMEMBERED_WINDOWS);
    this.#recent.set(channel, recent);
    return [...[...new Set(recent.flat())].map(({ voice }) => voice), ...this.unknown()];
  }

  /** The enrolled speakers nearest to a direction; all of them where they are few. */
  candidates(direction: Float32Array): readonly Speaker[] {
    if (this.#index === null) return this.#enrolled;
    return this.#index.nearest(direction, NEAREST).map((position) => this.#enrolled[position]!);
  }

  nearest(direction: Float32Array): readonly Voice[] {
    return this.candidates(direction).map(({ voice }) => voice);
  }

  /**
   * Replace the enrolled speakers. One that stays keeps the id, and, with the same profile, what the stream
   * taught. Returns the ids with the same profile.
   */
  enrol(profiles: readonly Profile[]): Set<number> {
    const before = new Map(this.#enrolled.map((speaker) => [nameKey(speaker.label), speaker]));
    const same = new Set<number>();
    this.#enrolled = profiles.map((profile) => {
      const old = before.get(nameKey(profile.name));
      const speaker = new Speaker(
        this.#cohort,
        old?.id ?? this.#nextId++,
        profile.name,
        this.#adapts ? { ...profile, centroid: adapted(profile) } : profile,
      );
      if (!old?.profile || !isEqual(old.profile.centroid, speaker.profile!.centroid)) return speaker;
      same.add(old.id);
      if (old.label !== profile.name) old.label = profile.name;
      return old;
    });
    this.#reindex();
    return same;
  }

  /** A new unknown speaker. */
  found(direction: Float32Array): Speaker {
    const speaker = new Speaker(this.#cohort, this.#nextId++, UNKNOWN, direction);
    this.#strangers.set(speaker.id, speaker);
    this.#byId.set(speaker.id, speaker);
    return speaker;
  }

  drop(id: number): void {
    if (this.#strangers.delete(id)) this.#byId.delete(id);
  }

  /**
   * Name an unknown voice; it keeps its id. @throws {WhospeaksError} `speaker-exists` if an enrolled speaker
   * has that name.
   */
  name(id: number | undefined, profile: Profile): Speaker {
    const { name } = profile;
    if (this.#enrolled.some(({ label }) => nameKey(label) === nameKey(name))) {
      throw new WhospeaksError('speaker-exists', `"${name}" is enrolled already; choose another name`);
    }
    if (id !== undefined) this.#strangers.delete(id);
    const speaker = new Speaker(this.#cohort, id ?? this.#nextId++, name, profile);
    this.#enrolled = [...this.#enrolled, speaker];
    this.#reindex();
    return speaker;
  }

  /** The next label is this unknown speaker's. */
  label(speaker: Speaker): void {
    speaker.label = this.labels.next();
    this.labels.retire(speaker.label);
  }

  /** This unknown speaker is called as the one was whose turns it has, if that is the older label. */
  inherit(id: number, label: string): void {
    const speaker = this.#strangers.get(id);
    if (speaker !== undefined && numberOf(label) < numberOf(speaker.label)) speaker.label = label;
  }

  save(): RosterState {
    return {
      enrolled: this.#enrolled.map((speaker) => speaker.save()),
      strangers: this.strangers.map((speaker) => speaker.save()),
      nextId: this.#nextId,
      recent: new Map(
        [...this.#recent].map(([channel, windows]) => [
          channel,
          windows.map((near) => near.map(({ id }) => id)),
        ]),
      ),
      labels: this.labels.save(),
    };
  }

  load({ enrolled, strangers, nextId, recent, labels }: RosterState): void {
    this.#enrolled = enrolled.map((state) => Speaker.from(this.#cohort, state));
    for (const state of strangers) this.#strangers.set(state.id, Speaker.from(this.#cohort, state));
    this.#nextId = nextId;
    this.#reindex();
    for (const [channel, windows] of recent) {
      const near = windows.map((ids) => ids.map((id) => this.#byId.get(id)!));
      this.#recent.set(channel, near);
    }
    this.labels.load(labels);
  }

  #reindex(): void {
    this.#byId = new Map([...this.#enrolled, ...this.#strangers.values()].map((one) => [one.id, one]));
    this.#recent.clear();
    this.#index =
      this.#enrolled.length > LOOK_AT_ALL
        ? this.#makeIndex(this.#enrolled.map(({ profile }) => profile!.centroid))
        : null;
  }
}

function isEqual(a: Float32Array, b: Float32Array): boolean {
  return a === b || (a.length === b.length && a.every((value, i) => value === b[i]));
}
