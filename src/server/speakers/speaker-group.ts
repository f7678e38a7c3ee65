import { WhospeaksError } from '../../errors.js';
import type { EnrollmentReply, RemovedListReply, SpeakerInfo } from '../../protocol/index.js';
import { infoOf } from '../../protocol/speaker-info.js';
import type { AudioSource } from '../../stream/index.js';
import { appendAdvice, joinProfiles } from '../../speakers/join-profiles.js';
import { RecordingKeeper } from '../../speakers/kept-recording.js';
import { assertSameModel } from '../../speakers/profile.js';
import { nameKey, speakerName } from '../../speakers/speaker-name.js';
import {
  adaptSpeaker,
  assertFree,
  changeSpeaker,
  isSameProfile,
  renameSpeaker,
} from '../../speakers/store/speaker-changes.js';
import { speakerCatalogue, type SpeakerCatalogue } from '../../scoring/find-speakers.js';
import { StreamSpeakers } from '../../speakers/store/stream-speakers.js';
import { assertRoom } from '../../speakers/store/store-contents.js';
import {
  enrollWithReport,
  type DeleteOptions,
  type EnrollModel,
  type Enrollment,
  type KeptRecording,
  type Profile,
  type ProfileList,
  type SpeakerStore,
} from '../../speakers/index.js';

/** What is done where there is a speaker of the name. */
export type Existing = 'refuse' | 'replace' | 'append';

export interface EnrolRequest {
  readonly name: string;
  readonly sources: readonly AudioSource[];
  /** Only say what would come of it. */
  readonly dryRun: boolean;
  readonly existing: Existing;
  /** Id of the token. */
  readonly by: string;
}

export interface SpeakerGroupParts {
  readonly name: string;
  readonly store: SpeakerStore;
  readonly model: EnrollModel;
  readonly maxSpeakers: number;
  /** How long recordings of enrolments are kept; 0: they are not. */
  readonly keepAudioDays: number;
  /** The speakers are others now, whoever changed them. */
  readonly onChange: () => void;
  /** Called with what was read, each time. */
  readonly onRead?: (list: ProfileList) => void;
}

/** A change that could not be read is read after this long, ms: nobody tells of it again. */
const REREAD_MS = 1000;

/**
 * The enrolled speakers of one group: in the store, where each change is decided, and in memory for the streams. Changes are told
 * through `onChange` once they are stored, those that other processes make too.
 */
export class SpeakerGroup {
  readonly name: string;
  readonly #parts: SpeakerGroupParts;
  readonly #store: SpeakerStore;
  readonly #model: EnrollModel;
  #profiles: readonly Profile[] = [];
  #catalogue: { readonly of: readonly Profile[]; readonly made: SpeakerCatalogue } | undefined;
  #damaged: readonly string[] = [];
  #reading: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #writing = 0;
  #unwatch: () => void = () => undefined;
  #isClosed = false;

  constructor(parts: SpeakerGroupParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#store = parts.store;
    this.#model = parts.model;
  }

  /** Read the store. Call once before anything else. */
  async load(): Promise<ProfileList> {
    const list = await this.#store.list();
    this.#profiles = list.profiles;
    this.#damaged = list.damaged.map(({ name }) => name);
    this.#parts.onRead?.(list);
    return list;
  }

  /** Follow what other processes change, until `close`. */
  watch(): void {
    this.#unwatch = this.#store.watch(() => {
      this.#follow();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch();
  }

  /** A store that cannot be read now is told to whoever asks for a change; in memory stays what was, until it can. */
  #follow(): void {
    if (this.#isWaiting || this.#isClosed) return;
    this.#changed().catch(() => {
      setTimeout(() => {
        this.#follow();
      }, REREAD_MS).unref();
    });
  }

  /** Who may be named: those that were enrolled with the model in use. */
  usable(): Profile[] {
    return this.#profiles.filter((profile) => this.#isUsable(profile));
  }

  /** Those that were enrolled with another model. */
  unusable(): Profile[] {
    return this.#profiles.filter((profile) => !this.#isUsable(profile));
  }

  /** The usable ones, to be looked through: made when it is first asked for after a change. */
  get catalogue(): SpeakerCatalogue {
    if (this.#catalogue?.of !== this.#profiles) {
      this.#catalogue = { of: this.#profiles, made: speakerCatalogue(this.#model, this.usable()) };
    }
    return this.#catalogue.made;
  }

  list(): { speakers: SpeakerInfo[]; damaged: readonly string[] } {
    return { speakers: this.#profiles.map((profile) => this.#infoOf(profile)), damaged: this.#damaged };
  }

  /** @throws {WhospeaksError} `speaker-not-found` */
  get(name: string): SpeakerInfo {
    return this.#infoOf(this.profile(name));
  }

  /** The speaker, usable or not. @throws {WhospeaksError} `speaker-not-found` */
  profile(name: string): Profile {
    const profile = this.#find(name);
    if (profile !== undefined) return profile;
    throw new WhospeaksError(
      'speaker-not-found',
      `no speaker "${name.slice(0, 80)}" is enrolled in this group`,
    );
  }

  /** Rejects with `speaker-name` or `speaker-exists`, as the store is now. */
  async assertFree(name: string): Promise<void> {
    const checked = speakerName(name);
    try {
      await assertFree(this.#store, checked);
    } catch (error) {
      if (!(error instanceof WhospeaksError) || error.code !== 'speaker-exists') throw error;
      throw new WhospeaksError(
        'speaker-exists',
        `a speaker "${checked}" is enrolled already; choose another name, or say what to do with ` +
          'existing=replace or existing=append',
        { cause: error },
      );
    }
  }

  /** Before a recording is heard. Rejects with `speaker-name`, `speaker-exists`; of appending, `speaker-not-found` or `model-mismatch`. */
  async assertMayEnrol(name: string, existing: Existing): Promise<void> {
    if (existing === 'refuse') await this.assertFree(name);
    else if (existing === 'append') assertSameModel(this.#model, [await this.#store.get(name)]);
    else speakerName(name);
  }

  /** Rejects as `enroll` and the store do, and with `speaker-exists`, `speaker-changed`, `model-mismatch` or `store-full`. */
  async enrol({ name, sources, dryRun, existing, by }: EnrolRequest): Promise<EnrollmentReply> {
    const key = nameKey(speakerName(name));
    // Before the work; when it is done the store counts once more.
    if (!dryRun && this.#find(name) === undefined && !this.#isDamaged(name))
      assertRoom(this.#profiles.length + this.#damaged.length, 1, this.#parts.maxSpeakers);
    const others = this.usable().filter((other) => nameKey(other.name) !== key);
    const keeper = new RecordingKeeper();
    const keeps = !dryRun && this.#parts.keepAudioDays > 0 && this.#store.recordings !== undefined;
    const heard = keeps ? sources.map((source) => keeper.keep(source)) : sources;
    const made = await enrollWithReport(this.#model, { name, sources: heard, others });
    if (dryRun) {
      const there = this.#find(name) !== undefined;
      const replaced = there && existing === 'replace';
      const appended = there && existing === 'append';
      return { speaker: infoOf(made.profile, true), replaced, appended, saved: false, report: made.report };
    }
    const recordings = keeps ? await keeper.recordings(this.#parts.keepAudioDays) : [];
    const reply = await this.#save(made, existing, recordings, by);
    await this.#changed();
    return reply;
  }

  /** Keep a profile that was made elsewhere. Rejects with `speaker-exists`. */
  async add(profile: Profile, by: string): Promise<Profile> {
    const { profile: stored } = await this.#store.put(profile, { by });
    await this.#changed();
    return stored;
  }

  /** For one stream: keeps what its voices come to among the group's speakers. */
  ofStream(by: string): Pick<StreamSpeakers, 'keep' | 'improve'> {
    const kept = new StreamSpeakers(this.#store, by);
    const changes = async (work: Promise<Profile | undefined>): Promise<Profile | undefined> => {
      this.#writing++;
      try {
        const stored = await work;
        if (stored !== undefined) await this.#changed();
        return stored;
      } finally {
        this.#writing--;
      }
    };
    return {
      keep: (named) => changes(kept.keep(named)),
      improve: (better) => changes(kept.improve(better)),
    };
  }

  /** Whether what streams learnt is being stored. */
  get isWriting(): boolean {
    return this.#writing > 0;
  }

  /** Whether a speaker of this name is enrolled, with whatever model. */
  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /**
   * What was heard is an enrolled speaker's: kept beside the profile, or with `learn` as part of it. Rejects with
   * `speaker-not-found` or `model-mismatch`.
   */
  async hear(name: string, heard: Profile, learn: boolean, by: string): Promise<SpeakerInfo> {
    assertSameModel(this.#model, [await this.#store.get(name)]);
    if (learn) await changeSpeaker(this.#store, name, (stored) => joinProfiles(stored, heard), { by });
    else {
      const adaptation = { vector: heard.centroid, seconds: heard.speechSeconds, probability: 1 };
      await adaptSpeaker(this.#store, name, adaptation, { by });
    }
    await this.#changed();
    return this.get(name);
  }

  async rename(from: string, to: string, by: string): Promise<SpeakerInfo> {
    const profile = await renameSpeaker(this.#store, from, to, { by });
    await this.#changed();
    return this.#infoOf(profile);
  }

  /** Named no more when this resolves. Rejects with `speaker-not-found`. */
  async remove(name: string, options: DeleteOptions = {}): Promise<void> {
    await this.#store.delete(name, options);
    await this.#changed();
  }

  async removed(): Promise<RemovedListReply['removed']> {
    return (await this.#store.removed?.()) ?? [];
  }

  /** Rejects with `speaker-not-found`, `speaker-exists` or `store-full`. */
  async restore(name: string, by: string): Promise<SpeakerInfo> {
    if (this.#store.restore === undefined) {
      throw new WhospeaksError('speaker-not-found', 'this store keeps nothing of speakers that were removed');
    }
    const profile = await this.#store.restore(name, { by });
    await this.#changed();
    return this.#infoOf(profile);
  }

  async #save(
    { profile: made, report }: Enrollment,
    existing: Existing,
    recordings: readonly KeptRecording[],
    by: string,
  ): Promise<EnrollmentReply> {
    const saved = { saved: true, replaced: false, appended: false, report };
    if (existing === 'append') {
      const before = await this.#store.get(made.name);
      const kept = [...((await this.#store.recordings?.(made.name)) ?? []), ...recordings];
      const join = (stored: Profile): Profile => joinProfiles(stored, made);
      const profile = await changeSpeaker(this.#store, made.name, join, { by, recordings: kept });
      const advice = [...report.advice, ...appendAdvice(this.#model, before, made)];
      return { ...saved, speaker: this.#infoOf(profile), appended: true, report: { ...report, advice } };
    }
    // Decided where it is stored: of two that ask at once for a name that must be new, one is refused.
    const replaces = existing === 'replace' ? made.name : undefined;
    const { profile, replaced } = await this.#store.put(made, { replaces, recordings, by });
    return { ...saved, speaker: this.#infoOf(profile), replaced };
  }

  /**
   * Read the store anew, one reading after the other: one that began before a speaker was deleted must not have the
   * last word.
   */
  #changed(): Promise<void> {
    this.#isWaiting = true;
    const reading = this.#reading.then(async () => {
      this.#isWaiting = false;
      const before = { profiles: this.#profiles, damaged: this.#damaged };
      await this.load();
      const isSame =
        before.damaged.join('/') === this.#damaged.join('/') &&
        before.profiles.length === this.#profiles.length &&
        before.profiles.every((profile, i) => isSameProfile(profile, this.#profiles[i]!));
      if (!isSame) this.#parts.onChange();
    });
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  #isUsable({ model }: Profile): boolean {
    return model.fingerprint === this.#model.fingerprint;
  }

  #infoOf(profile: Profile): SpeakerInfo {
    return infoOf(profile, this.#isUsable(profile));
  }

  #isDamaged(name: string): boolean {
    return this.#damaged.some((damaged) => nameKey(damaged) === nameKey(name));
  }

  #find(name: string): Profile | undefined {
    const key = nameKey(name);
    return this.#profiles.find((profile) => nameKey(profile.name) === key);
  }
}
