import { WhospeaksError } from '../errors.js';
import { joinProfiles } from '../speakers/join-profiles.js';
import { adaptedProfile, type HeardVoice } from '../speakers/learn-voice.js';
import { profileOfVoice } from '../speakers/profile-of-voice.js';
import type { ModelIdentity, Profile } from '../speakers/profile.js';
import { nameKey, speakerName } from '../speakers/speaker-name.js';
import { NOVEL, type Voice } from '../scoring/voice.js';
import type { AssignedTurns, Owner } from '../turns/assigned-turns.js';
import {
  isUnknownLabel,
  UNKNOWN,
  type AssignCommand,
  type IdentifyEvent,
  type NameCommand,
} from '../events/events.js';
import type { GrowingProfiles } from '../speakers/growing-profiles.js';
import type { LabelGate } from '../turns/label-gate.js';
import type { Memory } from './memory.js';
import type { Pooled } from '../turns/evidence-pool.js';
import type { Roster } from './roster.js';

/** A voice that has a label: one that was founded, or that of a turn in progress, which is told under the next label. */
interface Labelled {
  /** Undefined of a turn in progress. */
  readonly id: number | undefined;
  readonly heard: HeardVoice;
  /** Its number, of a turn in progress. */
  readonly turn?: number;
}

/** A turn in progress. */
export interface InProgress {
  readonly turn: number;
  readonly pooled: Pooled;
  readonly seconds: number;
}

export interface NamingParts {
  readonly model: Pick<ModelIdentity, 'name' | 'fingerprint'> | undefined;
  readonly people: Roster;
  readonly memory: Memory;
  readonly labelGate: Pick<LabelGate, 'rename'>;
  readonly assigned: AssignedTurns;
  readonly growing: GrowingProfiles;
  /** The turn in progress that is told under this label, if one is. */
  readonly openTurn: (label: string) => InProgress | undefined;
  /** Take these for the enrolled speakers from now on. */
  readonly enrol: (speakers: readonly Profile[]) => void;
}

/** What a person says of the voices of a stream: whose an unknown voice is, and whose a turn was. */
export class Naming {
  readonly #parts: NamingParts;
  /** The enrolled speakers. */
  #profiles: readonly Profile[] = [];

  constructor(parts: NamingParts) {
    this.#parts = parts;
  }

  /** Other speakers are enrolled. */
  enrolled(profiles: readonly Profile[]): void {
    this.#profiles = profiles;
  }

  save(): readonly Profile[] {
    return this.#profiles;
  }

  /** @throws {WhospeaksError} `speaker-not-found`, `speaker-name`, `speech-too-short` */
  name({ label, speaker, learn = false }: NameCommand, atSample: number): IdentifyEvent[] {
    const voice = this.#labelled(label);
    if (isUnknownLabel(speaker)) return this.#merge(label, voice, speaker, atSample);
    const name = speakerName(speaker);
    const before = this.#profiles.find((profile) => nameKey(profile.name) === nameKey(name));
    return before === undefined
      ? this.#enrol(label, voice, name, atSample)
      : this.#join(label, voice, before, learn, atSample);
  }

  /** @throws {WhospeaksError} `turn-not-found`, `speaker-not-found` */
  assign({ turn, speaker }: AssignCommand, atSample: number): IdentifyEvent[] {
    const { memory, assigned, growing } = this.#parts;
    if (!assigned.remembers(turn)) {
      throw new WhospeaksError(
        'turn-not-found',
        `turn ${turn} was not told, or too long ago; nothing was changed`,
      );
    }
    const voice = speaker === UNKNOWN ? undefined : this.#voiceOf(speaker);
    growing.withdraw(turn);
    memory.assign(turn, voice?.id ?? NOVEL);
    return assigned.assign(
      turn,
      { speaker: voice?.label ?? UNKNOWN, known: voice?.known ?? false },
      atSample,
    );
  }

  /** The voice is a new speaker's. */
  #enrol(label: string, { id: founded, heard }: Labelled, name: string, atSample: number): IdentifyEvent[] {
    const { model, people, memory, labelGate, growing } = this.#parts;
    const profile = profileOfVoice(name, model, heard);
    const { id } = people.name(founded, profile);
    if (founded !== undefined) memory.giveAll(founded, id);
    // What is heard of a turn in progress comes when it is settled.
    growing.begin(id, profile, founded === undefined ? { windows: [], seconds: 0 } : heard);
    this.#profiles = [...this.#profiles, profile];
    people.labels.retire(label);
    labelGate.rename(label, name);
    return [{ type: 'named', atSample, label, speaker: name, how: 'enrolled', profile }];
  }

  /** The voice is a speaker's who is enrolled. */
  #join(label: string, voice: Labelled, before: Profile, learn: boolean, atSample: number): IdentifyEvent[] {
    const { model, people, growing, enrol } = this.#parts;
    const { heard } = voice;
    const own = learn ? profileOfVoice(before.name, model, heard) : undefined;
    const profile = own === undefined ? adaptedProfile(before, heard) : joinProfiles(before, own);
    const { name: speaker } = profile;
    const into = people.enrolled.find((other) => other.label === speaker)!.voice;
    // First, for with the new profile all turns are weighed again.
    const told = this.#giveAway(label, voice, into, atSample);
    enrol(this.#profiles.map((other) => (other === before ? profile : other)));
    if (own !== undefined) growing.learn(into.id, heard);
    const how = own === undefined ? { how: 'adapted' as const } : { how: 'learnt' as const, heard: own };
    const named = { type: 'named', atSample, label, speaker, profile, ...how } as const;
    return [named, ...told];
  }

  /** The voice is another unknown one. */
  #merge(label: string, voice: Labelled, speaker: string, atSample: number): IdentifyEvent[] {
    const into = speaker === label ? undefined : this.#unknown(speaker);
    if (into === undefined) throw notFound(speaker, 'nothing was merged');
    const named = { type: 'named', atSample, label, speaker, how: 'merged' } as const;
    return [named, ...this.#giveAway(label, voice, into, atSample)];
  }

  /** What was called `label` is `voice`'s; what is to be told of its turns. */
  #giveAway(
    label: string,
    { id, turn }: Labelled,
    { id: into, label: speaker, known }: Voice,
    atSample: number,
  ): IdentifyEvent[] {
    const { people, memory, labelGate, assigned } = this.#parts;
    const owner: Owner = { speaker, known };
    labelGate.rename(label, speaker);
    if (id === undefined) {
      people.labels.retire(label);
      // It is in progress: whatever it is taken for when it ends, it is this speaker's.
      return turn === undefined ? [] : assigned.assign(turn, owner, atSample);
    }
    memory.giveAll(id, into);
    return [];
  }

  #labelled(label: string): Labelled {
    const voice = this.#unknown(label);
    if (voice !== undefined) {
      return { id: voice.id, heard: this.#parts.memory.recorded(voice.id)! };
    }
    const open = this.#parts.openTurn(label);
    if (open === undefined) throw notFound(label, 'nothing was named');
    return { id: undefined, heard: { ...open.pooled, seconds: open.seconds }, turn: open.turn };
  }

  #unknown(label: string): Voice | undefined {
    return this.#parts.people.unknown().find((other) => other.label === label && label !== UNKNOWN);
  }

  /** Who is called so. */
  #voiceOf(speaker: string): Voice {
    const key = nameKey(speaker);
    const voice =
      this.#unknown(speaker) ??
      this.#parts.people.enrolled.find((other) => nameKey(other.label) === key)?.voice;
    if (voice !== undefined) return voice;
    throw new WhospeaksError(
      'speaker-not-found',
      `there is no speaker "${speaker}" on this stream; enrol it, or give an unknown speaker that name`,
    );
  }
}

function notFound(label: string, outcome: string): WhospeaksError {
  return new WhospeaksError('speaker-not-found', `no unknown voice is called "${label}"; ${outcome}`);
}
