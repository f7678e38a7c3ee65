import { Subject } from 'rxjs';
import { WhospeaksError } from '../errors.js';
import type { Profile, SpeakerStore } from '../speakers/index.js';
import { assertFree, improveSpeaker } from '../speakers/store/speaker-changes.js';
import type { IdentifyEvent, NamedEvent, TrackCommand } from '../tracker/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { BY_COMMAND_LINE as by } from './open-store.js';
import { nameRequest, type NameRequest } from './name-argument.js';

/** Names for unknown voices, given while they are heard or (`atEnd`) when all was heard; who is named is saved. */
export class VoiceNames {
  /** For `identify`. */
  readonly commands = new Subject<TrackCommand>();
  readonly #named: { readonly event: NamedEvent; saved: Promise<Profile> }[] = [];
  #hasEnded = false;
  #check: (speakers: readonly string[]) => void = () => undefined;

  constructor(
    private readonly atEnd: readonly NameRequest[],
    private readonly store: SpeakerStore,
  ) {}

  /** Refuse a name that is taken, in the store or by one of `enrolled`, before anything is listened to, and not after an hour. */
  async assertFree(enrolled: readonly string[]): Promise<void> {
    for (const { label, speaker } of this.atEnd) {
      if (enrolled.some((name) => nameKey(name) === nameKey(speaker))) {
        throw new WhospeaksError(
          'speaker-exists',
          `--name: "${speaker}" is enrolled with --enroll already; give ${label} another name`,
        );
      }
      await assertFree(this.store, speaker);
    }
  }

  /**
   * Have all names that were given so far, and any other as it is given, checked by `check`, which throws where they cannot
   * be. Throws so at once where those of `atEnd` cannot.
   */
  onCheck(check: (speakers: readonly string[]) => void): void {
    this.#check = check;
    check(this.atEnd.map(({ speaker }) => speaker));
  }

  /**
   * Name a voice now: `unknown-1=dana`.
   * @throws {WhospeaksError} `invalid-option`, `speaker-name`, `speaker-exists`, or `speaker-not-found` where the stream
   * has ended.
   */
  async give(text: string): Promise<void> {
    const request = nameRequest(text);
    const given = [...this.atEnd, ...this.#named.map(({ event }) => event)].map(({ speaker }) => speaker);
    this.#check([...given, request.speaker]);
    await assertFree(this.store, request.speaker);
    if (this.#hasEnded) {
      throw new WhospeaksError(
        'speaker-not-found',
        `${request.label}: all was heard already; nothing was named`,
      );
    }
    this.commands.next({ type: 'name', ...request });
  }

  /** To be called with every event, before it is shown. */
  event(event: IdentifyEvent): void {
    if (event.type === 'end') {
      // What these tell comes before the end.
      for (const request of this.atEnd) this.commands.next({ type: 'name', ...request });
      this.#hasEnded = true;
    }
    if (event.type !== 'named') return;
    // At once: a program that is killed keeps what was named.
    const saved = this.store.put(event.profile, { by }).then(({ profile }) => profile);
    saved.catch(() => undefined); // `finish` tells it
    this.#named.push({ event, saved });
  }

  /** More was heard of a voice that was named: what is saved of it is made better, unless somebody changed it meanwhile. */
  improve(better: Profile): void {
    const named = this.#named.findLast(({ event }) => nameKey(event.speaker) === nameKey(better.name));
    if (named === undefined) return;
    named.saved = named.saved.then(
      async (before) => (await improveSpeaker(this.store, before, better, { by })) ?? before,
    );
    named.saved.catch(() => undefined); // `finish` tells it
  }

  /** Wait until all are saved and say which; throws the first fault, or `speaker-not-found` where one of `atEnd` was not heard. */
  async finish(): Promise<void> {
    this.#hasEnded = true;
    const faults: unknown[] = [];
    for (const { event, saved } of this.#named) {
      try {
        const { name, speechSeconds } = await saved;
        process.stderr.write(`saved ${event.label} as ${name} (${speechSeconds.toFixed(1)} s of speech)\n`);
      } catch (fault) {
        faults.push(fault);
      }
    }
    const missing = this.atEnd.filter(({ label }) => !this.#named.some(({ event }) => event.label === label));
    if (missing.length > 0) {
      const labels = missing.map(({ label }) => label).join(', ');
      faults.push(
        new WhospeaksError(
          'speaker-not-found',
          `--name: ${labels} could not be named; nothing was saved for it`,
        ),
      );
    }
    if (faults.length > 0) throw faults[0];
  }
}
