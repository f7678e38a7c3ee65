import { Subject } from 'rxjs';
import { WhospeaksError } from '../errors.js';
import type { IdentifyEvent, NamedEvent, Profile, ProfileStore, TrackCommand } from '../tracker/index.js';
import { nameRequest, type NameRequest } from './name-argument.js';

/** Names for unknown voices, given while they are heard or (`atEnd`) when all was heard; who is named is saved. */
export class VoiceNames {
  /** For `identify`. */
  readonly commands = new Subject<TrackCommand>();
  readonly #named: NamedEvent[] = [];
  readonly #saves: Promise<Profile>[] = [];

  constructor(
    private readonly atEnd: readonly NameRequest[],
    private readonly store: ProfileStore,
  ) {}

  /** Refuse a name that is taken before anything is listened to, and not after an hour. */
  async assertFree(): Promise<void> {
    for (const { speaker } of this.atEnd) await this.store.assertFree(speaker);
  }

  /** Name a voice now: `unknown-1=dana`. Throws `invalid-option`, `speaker-name`, `speaker-exists`. */
  async give(text: string): Promise<void> {
    const request = nameRequest(text);
    await this.store.assertFree(request.speaker);
    this.commands.next({ type: 'name', ...request });
  }

  /** To be called with every event, before it is shown. */
  event(event: IdentifyEvent): void {
    // What the last commands tell comes before the end.
    if (event.type === 'end')
      for (const request of this.atEnd) this.commands.next({ type: 'name', ...request });
    if (event.type !== 'named') return;
    this.#named.push(event);
    // At once: a program that is killed keeps what was named.
    this.#saves.push(this.store.add(event.profile));
    this.#saves.at(-1)!.catch(() => undefined); // `finish` tells it
  }

  /** Wait until all are saved and say so; throws `speaker-not-found` where one of `atEnd` was not heard. */
  async finish(): Promise<void> {
    for (const [i, { label, profile }] of this.#named.entries()) {
      await this.#saves[i];
      process.stderr.write(
        `saved ${label} as ${profile.name} (${profile.speechSeconds.toFixed(1)} s of speech)\n`,
      );
    }
    const missing = this.atEnd.filter(({ label }) => !this.#named.some((event) => event.label === label));
    if (missing.length === 0) return;
    const labels = missing.map(({ label }) => label).join(', ');
    throw new WhospeaksError(
      'speaker-not-found',
      `--name: ${labels} could not be named; nothing was saved for it`,
    );
  }
}
