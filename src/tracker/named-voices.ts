import { WhospeaksError } from '../errors.js';
import type { Profile } from '../speakers/profile.js';
import { nameKey } from '../speakers/speaker-name.js';
import type {
  AssignCommand,
  IdentifyEvent,
  NameCommand,
  NamedEvent,
  WarningEvent,
} from '../events/events.js';

export interface NamedVoice {
  readonly event: NamedEvent;
  /** Whether what it came to was stored. */
  readonly saved: boolean;
  /** As stored, or as the stream alone has it. */
  readonly profile: Profile | undefined;
}

interface Request {
  readonly command: NameCommand | AssignCommand;
  /** Whether this event answers it. */
  readonly isAnsweredBy: (event: IdentifyEvent) => boolean;
  readonly resolve: (event: IdentifyEvent) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that may wait at once. */
const MAX_WAITING = 16;

export interface NamedVoicesParts {
  /** The group's speakers, as they are now. */
  readonly speakers: () => readonly Profile[];
  /** Keep what a named voice comes to among them; returns the speaker as stored. */
  readonly save: (event: NamedEvent) => Promise<Profile | undefined>;
  /** To the stream's tracker. */
  readonly command: (command: NameCommand | AssignCommand) => void;
}

/**
 * What is said of one stream's voices, and who may be named on it: the group's speakers, and those that were made or
 * changed here and are not stored, which this stream alone knows. What is said goes through the tracker, which answers in its
 * own time.
 */
export class NamedVoices {
  readonly #parts: NamedVoicesParts;
  readonly #own = new Map<string, Profile>();
  #waiting: Request[] = [];
  #isClosed = false;

  constructor(parts: NamedVoicesParts) {
    this.#parts = parts;
  }

  /** Those that this stream alone knows. */
  get own(): Profile[] {
    return [...this.#own.values()];
  }

  /** Go on with those of another server's session. */
  takeUp(own: readonly Profile[]): void {
    for (const profile of own) this.#own.set(nameKey(profile.name), profile);
  }

  speakers(): Profile[] {
    const shared = this.#parts.speakers().filter(({ name }) => !this.#own.has(nameKey(name)));
    return [...shared, ...this.#own.values()];
  }

  /** The group's speakers changed: those who are stored now are the stream's own no more. */
  update(): void {
    for (const { name } of this.#parts.speakers()) this.#own.delete(nameKey(name));
  }

  /**
   * An unknown voice is this speaker; `save` keeps what it comes to among the group's speakers. Rejects with the code of a
   * command that is refused, `server-limit` where too many wait, `session-unknown` at the end, and as the store does.
   */
  async name(command: NameCommand, save: boolean): Promise<NamedVoice> {
    const { label } = command;
    const event = (await this.#ask(
      command,
      (answer) =>
        answer.type === 'named' &&
        answer.label === label &&
        nameKey(answer.speaker) === nameKey(command.speaker),
    )) as NamedEvent;
    if (event.profile === undefined) return { event, saved: false, profile: undefined };
    this.#own.set(nameKey(event.speaker), event.profile);
    const stored = save ? await this.#parts.save(event) : undefined;
    return { event, saved: save, profile: stored ?? event.profile };
  }

  /** That turn was this speaker's. Rejects as `name`. */
  async assign(command: AssignCommand): Promise<void> {
    await this.#ask(
      command,
      (answer) =>
        (answer.type === 'correction' || answer.type === 'tentative') &&
        answer.turn === command.turn &&
        nameKey(answer.speaker) === nameKey(command.speaker),
    );
  }

  /** The tracker has told this. */
  told(event: IdentifyEvent): void {
    if (event.type === 'warning' && event.code === 'command-refused') this.#refuse(event);
    else this.#take((request) => request.isAnsweredBy(event))?.resolve(event);
  }

  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(over());
  }

  #ask(command: Request['command'], isAnsweredBy: Request['isAnsweredBy']): Promise<IdentifyEvent> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw over();
      if (this.#waiting.length >= MAX_WAITING) {
        throw new WhospeaksError(
          'server-limit',
          'too many names wait to be given on this stream; wait for the first',
        );
      }
      this.#waiting.push({ command, isAnsweredBy, resolve, reject });
      this.#parts.command(command);
    });
  }

  #refuse({ command, reason = 'speaker-name', message }: WarningEvent): void {
    if (command === undefined || command.type === 'speakers') return;
    this.#take((request) => isSame(request.command, command))?.reject(new WhospeaksError(reason, message));
  }

  /** The first that is meant; it waits no longer. */
  #take(isMeant: (request: Request) => boolean): Request | undefined {
    const at = this.#waiting.findIndex(isMeant);
    return at < 0 ? undefined : this.#waiting.splice(at, 1)[0];
  }
}

function isSame(a: Request['command'], b: Request['command']): boolean {
  if (a.speaker !== b.speaker) return false;
  return a.type === 'name'
    ? b.type === 'name' && a.label === b.label
    : b.type === 'assign' && a.turn === b.turn;
}

function over(): WhospeaksError {
  return new WhospeaksError(
    'session-unknown',
    'the stream is over; enrol the speaker from a recording instead',
  );
}
