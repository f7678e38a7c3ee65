import { Subject, type Observable } from 'rxjs';
import { isSameProfile } from '../../speakers/store/speaker-changes.js';
import type { SpeakerStore } from '../../speakers/store/speaker-store.js';
import type { Profile } from '../../speakers/profile.js';
import type { SpeakerModel } from '../speaker-model.js';

/** The stored voices, in memory too: read anew after each change, whoever made it. */
export class Voices {
  readonly #changes = new Subject<void>();
  #profiles: readonly Profile[] = [];
  #damaged: readonly string[] = [];
  #reading: Promise<void> = Promise.resolve();

  private constructor(
    readonly store: SpeakerStore,
    readonly model: SpeakerModel,
  ) {}

  static async open(store: SpeakerStore, model: SpeakerModel): Promise<Voices> {
    const voices = new Voices(store, model);
    await voices.#read();
    // One that cannot be read now is told to whoever asks for a change; in memory stays what was.
    store.watch(() => void voices.refresh().catch(() => undefined));
    return voices;
  }

  /** They are others now. */
  get changes$(): Observable<void> {
    return this.#changes.asObservable();
  }

  get all(): readonly Profile[] {
    return this.#profiles;
  }

  /** Names of those that could not be read. */
  get damaged(): readonly string[] {
    return this.#damaged;
  }

  /** Those that the network in use can name. */
  usable(): Profile[] {
    return this.#profiles.filter((profile) => this.isUsable(profile));
  }

  isUsable({ model }: Profile): boolean {
    return model.fingerprint === this.model.fingerprint;
  }

  /** Read the store, one reading after the other: one that began before a change must not have the last word. */
  refresh(): Promise<void> {
    const reading = this.#reading.then(() => this.#read());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #read(): Promise<void> {
    const { profiles, damaged } = await this.store.list();
    const isSame =
      profiles.length === this.#profiles.length &&
      profiles.every((profile, i) => isSameProfile(profile, this.#profiles[i]!));
    this.#profiles = profiles;
    this.#damaged = damaged.map(({ name }) => name);
    if (!isSame) this.#changes.next();
  }
}
