import { WhospeaksError } from '../../errors.js';
import { joinProfiles } from '../join-profiles.js';
import { assertSameModel, type Profile } from '../profile.js';
import { nameKey } from '../speaker-name.js';
import { adaptSpeaker, changeSpeaker, improveSpeaker, isSameVoice } from './speaker-changes.js';
import type { SpeakerStore } from './speaker-store.js';

/** What a `named` event says of a voice. */
export interface NamedVoice {
  readonly speaker: string;
  /** The speaker's profile as the stream has it; without one there is nothing to keep. */
  readonly profile?: Profile | undefined;
  /** What was heard of the voice, where it joins the profile. */
  readonly heard?: Profile | undefined;
  readonly how: 'enrolled' | 'adapted' | 'learnt' | 'merged';
}

/**
 * Keeps in a store what the voices of one stream come to, one after the other. The stream's copy of a speaker may be old, so
 * what was heard goes to the speaker as stored at that moment: no change that was made elsewhere is lost.
 */
export class StreamSpeakers {
  /** New speakers of this stream, as it stored them. */
  readonly #own = new Map<string, Profile>();
  readonly #by: { readonly by: string };
  #last: Promise<unknown> = Promise.resolve();

  /** @param by who does it, for the audit trail */
  constructor(
    private readonly store: SpeakerStore,
    by: string,
  ) {
    this.#by = { by };
  }

  /** A new speaker of this stream, as it is stored. */
  own(name: string): Profile | undefined {
    return this.#own.get(nameKey(name));
  }

  /**
   * Keep what naming a voice comes to: a new speaker, or what was heard of one who is stored, whatever the name is by now.
   * Returns the speaker as stored; undefined where there is nothing to keep.
   *
   * Rejects with `speaker-exists` or `store-full`; where the speaker was removed, upgraded or replaced meanwhile, with
   * `speaker-not-found`, `model-mismatch` or `speaker-changed`.
   */
  keep(named: NamedVoice): Promise<Profile | undefined> {
    return this.#then(() => this.#keep(named));
  }

  /** Put a better profile in the place of a new speaker's; undefined where somebody changed that meanwhile, and then it stays so. */
  improve(better: Profile): Promise<Profile | undefined> {
    return this.#then(async () => {
      const before = this.own(better.name);
      const after = before && (await improveSpeaker(this.store, before, better, this.#by));
      if (after !== undefined) this.#own.set(nameKey(better.name), after);
      return after;
    });
  }

  /** Wait until all is kept that was given so far. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #keep({ how, speaker, profile, heard }: NamedVoice): Promise<Profile | undefined> {
    if (profile === undefined) return undefined;
    if (how === 'enrolled') {
      const { profile: stored } = await this.store.put(profile, this.#by);
      this.#own.set(nameKey(speaker), stored);
      return stored;
    }
    const name = await this.#nameOf(profile);
    const lesson = profile.adaptations?.at(-1);
    if (heard === undefined) {
      if (lesson === undefined) return undefined;
      return adaptSpeaker(this.store, name, lesson, this.#by, (now) => {
        assertIs(now, profile);
      });
    }
    const joined = await changeSpeaker(
      this.store,
      name,
      (now) => {
        assertIs(now, profile);
        return joinProfiles(now, heard);
      },
      this.#by,
    );
    const own = this.own(speaker);
    // What grows here has it too, so that the next better profile may take its place; but not that of what others added.
    if (own !== undefined && isSameVoice(joinProfiles(own, heard), joined))
      this.#own.set(nameKey(speaker), joined);
    return joined;
  }

  /** What the speaker is called now. */
  async #nameOf({ id, name }: Profile): Promise<string> {
    if (id === undefined) return name;
    const { profiles } = await this.store.list();
    return profiles.find((each) => each.id === id)?.name ?? name;
  }

  #then<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function assertIs(now: Profile, meant: Profile): void {
  if (meant.id !== undefined && now.id !== meant.id) {
    throw new WhospeaksError(
      'speaker-changed',
      `the speaker "${meant.name}" was removed meanwhile, and another is stored under this name; nothing was changed`,
    );
  }
  assertSameModel(meant.model, [now]);
}
