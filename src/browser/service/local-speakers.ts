import type { Recording, Speakers } from '../../client/speakers.js';
import { WhospeaksError } from '../../errors.js';
import type { EnrollmentReply, SpeakerInfo, SpeakerListReply } from '../../protocol/index.js';
import { infoOf } from '../../protocol/speaker-info.js';
import { joinProfiles } from '../../speakers/join-profiles.js';
import type { Profile } from '../../speakers/profile.js';
import { nameKey, speakerName } from '../../speakers/speaker-name.js';
import { assertFree, changeSpeaker, renameSpeaker } from '../../speakers/store/speaker-changes.js';
import { enrollWithReport } from '../enroll.js';
import { fromFile } from '../sources/recording.js';
import type { Opening } from './opening.js';
import type { Voices } from './voices.js';

/** Who does it, in the audit trail. */
export const BY = 'page';

/** The stored voices as the service's client knows them, kept by this browser. */
export class LocalSpeakers implements Pick<Speakers, 'list' | 'enroll' | 'rename' | 'remove' | 'restore'> {
  readonly #opening: Opening<Voices>;

  constructor(opening: Opening<Voices>) {
    this.#opening = opening;
  }

  async list(): Promise<SpeakerListReply> {
    const voices = await this.#opening.get();
    return {
      group: 'browser',
      speakers: voices.all.map((one) => info(voices, one)),
      damaged: voices.damaged,
    };
  }

  async enroll(
    rawName: string,
    recording: Recording,
    { dryRun = false, existing = 'refuse' }: Parameters<Speakers['enroll']>[2] = {},
  ): Promise<EnrollmentReply> {
    const voices = await this.#opening.get();
    const { model, store } = voices;
    const name = speakerName(rawName);
    if (existing === 'refuse' && !dryRun) await assertFree(store, name);
    const others = voices.usable().filter((other) => nameKey(other.name) !== nameKey(name));
    const sound = recording instanceof Blob ? recording : new Blob([recording]);
    const { profile: made, report } = await enrollWithReport(model, {
      name,
      sources: [fromFile(sound)],
      others,
    });
    if (dryRun)
      return { speaker: infoOf(made, true), replaced: false, appended: false, saved: false, report };
    const appends = existing === 'append';
    const stored = appends
      ? {
          profile: await changeSpeaker(store, name, (before) => joinProfiles(before, made), { by: BY }),
          replaced: false,
        }
      : await store.put(made, { replaces: existing === 'replace' ? name : undefined, by: BY });
    await voices.refresh();
    const speaker = info(voices, stored.profile);
    return { speaker, replaced: stored.replaced, appended: appends, saved: true, report };
  }

  async rename(name: string, newName: string): Promise<SpeakerInfo> {
    const voices = await this.#opening.get();
    const renamed = await renameSpeaker(voices.store, name, newName, { by: BY });
    await voices.refresh();
    return info(voices, renamed);
  }

  async remove(name: string, { erase }: { readonly erase?: boolean } = {}): Promise<void> {
    const voices = await this.#opening.get();
    await voices.store.delete(name, { erase, by: BY });
    await voices.refresh();
  }

  async restore(name: string): Promise<SpeakerInfo> {
    const voices = await this.#opening.get();
    if (voices.store.restore === undefined)
      throw new WhospeaksError('speaker-not-found', 'this store keeps nothing of speakers that were removed');
    const restored = await voices.store.restore(name, { by: BY });
    await voices.refresh();
    return info(voices, restored);
  }
}

function info(voices: Voices, profile: Profile): SpeakerInfo {
  return infoOf(profile, voices.isUsable(profile));
}
