import { WhospeaksError } from '../../errors.js';
import { nameKey, speakerName } from '../../speakers/speaker-name.js';
import type { Profile } from '../../speakers/index.js';
import type { NameCommand, WarningEvent } from '../../tracker/index.js';

export interface NamedVoice {
  readonly profile: Profile;
  /** Whether it was stored. */
  readonly saved: boolean;
}

interface Request {
  readonly label: string;
  readonly speaker: string;
  readonly save: boolean;
  readonly resolve: (voice: NamedVoice) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that may wait at once. */
const MAX_WAITING = 16;

export interface NamedVoicesParts {
  /** The group's speakers, as they are now. */
  readonly speakers: () => readonly Profile[];
  /** Keep a voice among them; returns it as stored. */
  readonly save: (profile: Profile) => Promise<Profile>;
  /** Put a better profile in the place of one that was stored here; undefined where that was changed by somebody meanwhile. */
  readonly improve: (stored: Profile, better: Profile) => Promise<Profile | undefined>;
  /** To the stream's tracker. */
  readonly command: (command: NameCommand) => void;
}

/**
 * Who may be named on one stream: the group's speakers, and unknown voices that got a name here and are not stored, which
 * this stream alone knows. A wish to name one goes through the tracker, which answers in its own time.
 */
export class NamedVoices {
  readonly #parts: NamedVoicesParts;
  readonly #own = new Map<string, Profile>();
  /** Voices that were stored here, as they are stored now. */
  readonly #saved = new Map<string, Promise<Profile | undefined>>();
  #waiting: Request[] = [];
  #isClosed = false;

  constructor(parts: NamedVoicesParts) {
    this.#parts = parts;
  }

  speakers(): Profile[] {
    return [...this.#parts.speakers(), ...this.#own.values()];
  }

  /** The group's speakers changed: those who are stored now are the stream's own no more. */
  update(): void {
    for (const { name } of this.#parts.speakers()) this.#own.delete(nameKey(name));
  }

  /**
   * Call an unknown voice by a name; `save` keeps it among the group's speakers. Rejects with `speaker-name` where that is
   * none, `speaker-exists`, `speaker-not-found` where no voice is called so, `server-limit` where too many wait,
   * `session-unknown` at the end.
   */
  async name(label: string, rawName: string, save: boolean): Promise<NamedVoice> {
    const speaker = speakerName(rawName);
    if (this.speakers().some(({ name }) => nameKey(name) === nameKey(speaker))) {
      throw new WhospeaksError(
        'speaker-exists',
        `a speaker "${speaker}" is enrolled already; choose another name`,
      );
    }
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw over();
      if (this.#waiting.length >= MAX_WAITING) {
        throw new WhospeaksError(
          'server-limit',
          'too many names wait to be given on this stream; wait for the first',
        );
      }
      this.#waiting.push({ label, speaker, save, resolve, reject });
      this.#parts.command({ type: 'name', label, speaker });
    });
  }

  /** The tracker has given the name: store the voice where that was asked for, then answer. */
  named(label: string, profile: Profile): void {
    this.#own.set(nameKey(profile.name), profile);
    const at = this.#waiting.findIndex((asked) => asked.label === label && asked.speaker === profile.name);
    const request = at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
    if (request?.save !== true) {
      request?.resolve({ profile, saved: false });
      return;
    }
    const saved = this.#parts.save(profile);
    this.#saved.set(
      nameKey(profile.name),
      saved.catch(() => undefined),
    );
    saved.then(
      () => {
        request.resolve({ profile, saved: true });
      },
      (error: unknown) => {
        request.reject(error);
      },
    );
  }

  /** More was heard of a voice that was named here: what is stored of it is made better. */
  improve(better: Profile): void {
    const key = nameKey(better.name);
    const stored = this.#saved.get(key);
    if (stored === undefined) return;
    const improved = stored.then((before) => before && this.#parts.improve(before, better));
    this.#saved.set(
      key,
      improved.catch(() => undefined),
    );
  }

  /** The tracker refused a command: the request that gave it. */
  refuse(command: WarningEvent['command'], error: WhospeaksError): void {
    if (command?.type !== 'name') return;
    const { label, speaker } = command;
    const at = this.#waiting.findIndex((asked) => asked.label === label && asked.speaker === speaker);
    if (at >= 0) this.#waiting.splice(at, 1)[0]!.reject(error);
  }

  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(over());
  }
}

function over(): WhospeaksError {
  return new WhospeaksError(
    'session-unknown',
    'the stream is over; enrol the speaker from a recording instead',
  );
}
