import { WhospeaksError } from '../../errors.js';
import type { EnrollmentReply, SpeakerInfo } from '../../protocol/index.js';
import type { AudioSource } from '../../stream/index.js';
import { nameKey } from '../../speakers/speaker-name.js';
import { assertRoom } from '../../speakers/store/store-contents.js';
import type { NamedEvent } from '../../tracker/index.js';
import {
  enrollWithReport,
  speakerName,
  type EnrollModel,
  type Profile,
  type ProfileList,
  type ProfileStore,
} from '../../speakers/index.js';

export interface EnrolRequest {
  readonly name: string;
  readonly sources: readonly AudioSource[];
  /** Only say what would come of it. */
  readonly dryRun: boolean;
  /** Refuse where there is a speaker of this name already. */
  readonly mustBeNew: boolean;
}

/**
 * The enrolled speakers of one group: on disk, and in memory for the streams. Changes are told through `onChange`
 * once they are on disk.
 */
export class SpeakerGroup {
  readonly name: string;
  readonly #store: ProfileStore;
  readonly #model: EnrollModel;
  readonly #onChange: () => void;
  #profiles: readonly Profile[] = [];
  #damaged: readonly string[] = [];
  #reading: Promise<void> = Promise.resolve();

  constructor(name: string, store: ProfileStore, model: EnrollModel, onChange: () => void) {
    this.name = name;
    this.#store = store;
    this.#model = model;
    this.#onChange = onChange;
  }

  /** Read the store. Call once before anything else. */
  async load(): Promise<ProfileList> {
    const list = await this.#store.list();
    this.#profiles = list.profiles;
    this.#damaged = list.damaged.map(({ name }) => name);
    return list;
  }

  /** Who may be named: those that were enrolled with the model in use. */
  usable(): Profile[] {
    return this.#profiles.filter(({ model }) => model.fingerprint === this.#model.fingerprint);
  }

  list(): { speakers: SpeakerInfo[]; damaged: readonly string[] } {
    return { speakers: this.#profiles.map(infoOf), damaged: this.#damaged };
  }

  /** @throws {WhospeaksError} `speaker-not-found` */
  get(name: string): SpeakerInfo {
    const profile = this.#find(name);
    if (profile !== undefined) return infoOf(profile);
    throw new WhospeaksError(
      'speaker-not-found',
      `no speaker "${name.slice(0, 80)}" is enrolled in this group`,
    );
  }

  /** @throws {WhospeaksError} `speaker-name` or `speaker-exists` */
  assertFree(name: string): void {
    const checked = speakerName(name);
    if (this.#find(checked) === undefined) return;
    throw new WhospeaksError(
      'speaker-exists',
      `a speaker "${checked}" is enrolled already; choose another name, or delete that speaker first`,
    );
  }

  /** Rejects as `enroll` and the store do, and with `speaker-exists` or `store-full`. */
  async enrol({ name, sources, dryRun, mustBeNew }: EnrolRequest): Promise<EnrollmentReply> {
    const key = nameKey(speakerName(name));
    if (mustBeNew) this.assertFree(name);
    // Before the work; when it is done the store counts once more.
    if (!dryRun && this.#find(name) === undefined && !this.#isDamaged(name))
      assertRoom(this.#profiles.length + this.#damaged.length, 1, this.#store.maxSpeakers);
    const others = this.usable().filter((other) => nameKey(other.name) !== key);
    const { profile: made, report } = await enrollWithReport(this.#model, { name, sources, others });
    if (dryRun) {
      return { speaker: infoOf(made), replaced: this.#find(name) !== undefined, saved: false, report };
    }
    // Under the store's lock: of two that ask at once for a name that must be new, one is refused.
    const { profile, replaced } = mustBeNew
      ? { profile: await this.#store.add(made), replaced: false }
      : await this.#store.put(made);
    await this.#changed();
    return { speaker: infoOf(profile), replaced, saved: true, report };
  }

  /** Keep a profile that was made elsewhere. Rejects with `speaker-exists`. */
  async add(profile: Profile): Promise<void> {
    await this.#store.add(profile);
    await this.#changed();
  }

  /** Keep what a stream has heard of a speaker who is enrolled: apart, or as part of the profile. Rejects with `speaker-not-found`. */
  async keepHeard({ how, speaker, profile }: NamedEvent): Promise<void> {
    this.get(speaker);
    const heard = profile?.adaptations?.at(-1);
    if (how === 'adapted' && heard !== undefined) await this.#store.adapt(speaker, heard);
    else if (profile !== undefined) await this.#store.put(profile);
    await this.#changed();
  }

  async rename(from: string, to: string): Promise<SpeakerInfo> {
    this.get(from);
    await this.#store.rename(from, to);
    await this.#changed();
    return this.get(to);
  }

  /** Gone from disk when this resolves. Rejects with `speaker-not-found`. */
  async remove(name: string): Promise<void> {
    if (!this.#isDamaged(name)) this.get(name);
    await this.#store.remove(name);
    await this.#changed();
  }

  /**
   * Read the store anew, one reading after the other: one that began before a speaker was deleted must not have the
   * last word.
   */
  #changed(): Promise<void> {
    const reading = this.#reading.then(async () => {
      await this.load();
    });
    this.#reading = reading.catch(() => undefined);
    return reading.then(this.#onChange);
  }

  #isDamaged(name: string): boolean {
    return this.#damaged.some((damaged) => nameKey(damaged) === nameKey(name));
  }

  #find(name: string): Profile | undefined {
    const key = nameKey(name);
    return this.#profiles.find((profile) => nameKey(profile.name) === key);
  }
}

/** What may be told of a speaker: not the voiceprint. */
export function infoOf(profile: Profile): SpeakerInfo {
  const { name, speechSeconds, recordings, consistency, model, createdAt } = profile;
  return {
    name,
    speechSeconds,
    recordings,
    consistency,
    model: { name: model.name, fingerprint: model.fingerprint },
    createdAt,
  };
}
