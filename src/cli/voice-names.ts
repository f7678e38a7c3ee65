import { Subject } from 'rxjs';
import { WhospeaksError, isWhospeaksError } from '../errors.js';
import type { Profile, SpeakerStore } from '../speakers/index.js';
import { assertFree } from '../speakers/store/speaker-changes.js';
import { StreamSpeakers } from '../speakers/store/stream-speakers.js';
import { isUnknownLabel, type IdentifyEvent, type NamedEvent, type TrackCommand } from '../tracker/index.js';
import { nameKey } from '../speakers/speaker-name.js';
import { BY_COMMAND_LINE as by } from './open-store.js';
import { seconds } from './format-time.js';
import { turnRequest, nameRequest, type NameRequest } from './name-argument.js';

/** Turns that can be assigned at the keyboard: the last ones. */
const MAX_TURNS = 1000;

interface Told {
  readonly startSample: number;
  readonly endSample: number;
}

/**
 * Names for unknown voices, given while they are heard or (`atEnd`) when all was heard, and speakers for turns. What a name
 * comes to is saved: a new speaker, or what was heard of one who is stored.
 */
export class VoiceNames {
  /** For `identify`. */
  readonly commands = new Subject<TrackCommand>();
  readonly #named: { readonly event: NamedEvent; readonly saved: Promise<boolean> }[] = [];
  readonly #turns = new Map<number, Told>();
  /** Keys of all who may be named on the stream, and of those who are not from the store. */
  readonly #enrolled = new Set<string>();
  readonly #unsaved = new Set<string>();
  readonly #kept: StreamSpeakers;
  readonly #faults: unknown[] = [];
  #hearsAll = false;
  #hasEnded = false;
  #check: (speakers: readonly string[]) => void = () => undefined;

  /** @param learn whether what was heard of a speaker who is enrolled already joins the profile */
  constructor(
    private readonly atEnd: readonly NameRequest[],
    private readonly store: SpeakerStore,
    private readonly learn = false,
  ) {
    this.#kept = new StreamSpeakers(store, by);
  }

  /**
   * Refuse a name that is taken in the store by a speaker who is not listened for, before anything is listened to, and not
   * after an hour.
   * @param enrolled who is listened for from the command line alone
   * @param stored who is listened for from the store; true: all
   */
  async assertFree(enrolled: readonly string[], stored: readonly string[] | true): Promise<void> {
    this.#hearsAll = stored === true;
    for (const name of [...enrolled, ...(stored === true ? [] : stored)]) this.#enrolled.add(nameKey(name));
    for (const name of enrolled) this.#unsaved.add(nameKey(name));
    for (const { speaker } of this.atEnd) await this.#assertMeant(speaker);
  }

  /**
   * Have all names that were given so far, and any other as it is given, checked by `check`, which throws where they cannot
   * be. Throws so at once where those of `atEnd` cannot.
   */
  onCheck(check: (speakers: readonly string[]) => void): void {
    this.#check = check;
    check(this.#given(this.atEnd));
  }

  /**
   * Name a voice now, `unknown-1=dana`, or say whose the turn at a time was, `01:15=dana`.
   * @throws {WhospeaksError} `invalid-option`, `speaker-name`, `speaker-exists`, `turn-not-found`, or `speaker-not-found`
   * where the stream has ended.
   */
  async give(text: string): Promise<void> {
    const turn = turnRequest(text);
    if (turn !== null) {
      this.#assign(turn.atSeconds, turn.speaker);
      return;
    }
    const request = nameRequest(text);
    this.#check(this.#given([...this.atEnd, ...this.#named.map(({ event }) => event), request]));
    await this.#assertMeant(request.speaker);
    if (this.#hasEnded) {
      throw new WhospeaksError(
        'speaker-not-found',
        `${request.label}: all was heard already; nothing was named`,
      );
    }
    this.commands.next(this.#command(request));
  }

  /** To be called with every event, before it is shown. */
  event(event: IdentifyEvent): void {
    if (event.type === 'end') {
      // What these tell comes before the end.
      for (const request of this.atEnd) this.commands.next(this.#command(request));
      this.#hasEnded = true;
    }
    if (event.type === 'tentative' || event.type === 'final') this.#remember(event.turn, event);
    if (event.type !== 'named') return;
    this.#enrolled.add(nameKey(event.speaker));
    // At once: a program that is killed keeps what was named.
    const saved = this.#save(event);
    saved.catch(() => undefined); // `finish` tells it
    this.#named.push({ event, saved });
  }

  /** More was heard of a voice that was named: what is saved of it is made better, unless somebody changed it meanwhile. */
  improve(better: Profile): void {
    this.#kept.improve(better).catch((fault: unknown) => this.#faults.push(fault));
  }

  /** Wait until all are saved and say which; throws the first fault, or `speaker-not-found` where one of `atEnd` was not heard. */
  async finish(): Promise<void> {
    this.#hasEnded = true;
    await this.#kept.settled();
    const faults: unknown[] = [...this.#faults];
    for (const { event, saved } of this.#named) {
      try {
        const profile = this.#kept.own(event.speaker) ?? event.profile;
        process.stderr.write(`${outcomeOf({ ...event, profile }, await saved)}\n`);
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

  /** Names of new speakers, each once: who is enrolled, or another unknown voice, is none. */
  #given(requests: readonly { readonly speaker: string }[]): string[] {
    const names = requests.map(({ speaker }) => speaker).filter((name) => !isUnknownLabel(name));
    const isNew = (name: string, i: number): boolean =>
      !this.#enrolled.has(nameKey(name)) &&
      names.findIndex((other) => nameKey(other) === nameKey(name)) === i;
    return names.filter(isNew);
  }

  #command(request: NameRequest): TrackCommand {
    return { type: 'name', ...request, ...(this.learn && { learn: true }) };
  }

  async #assertMeant(speaker: string): Promise<void> {
    if (isUnknownLabel(speaker) || this.#hearsAll || this.#enrolled.has(nameKey(speaker))) return;
    try {
      await assertFree(this.store, speaker);
    } catch (error) {
      if (!isWhospeaksError(error, 'speaker-exists')) throw error;
      throw new WhospeaksError(
        'speaker-exists',
        `a speaker "${speaker}" is stored and is not listened for; add --speakers, so that the voice can be given to that ` +
          'speaker, or choose another name',
        { cause: error },
      );
    }
  }

  #assign(atSeconds: number, speaker: string): void {
    const found = [...this.#turns].findLast(
      ([, { startSample, endSample }]) =>
        // The times that are shown are rounded.
        seconds(startSample) - 0.05 <= atSeconds && atSeconds < seconds(endSample),
    );
    if (found === undefined || this.#hasEnded) {
      throw new WhospeaksError('turn-not-found', 'nobody was heard at that time; nothing was changed');
    }
    this.commands.next({ type: 'assign', turn: found[0], speaker });
  }

  #remember(turn: number, { startSample, endSample }: Told): void {
    this.#turns.delete(turn);
    this.#turns.set(turn, { startSample, endSample });
    if (this.#turns.size > MAX_TURNS) this.#turns.delete(this.#turns.keys().next().value!);
  }

  /** Whether there was something to be kept in the store. */
  async #save(event: NamedEvent): Promise<boolean> {
    if (event.how !== 'enrolled' && this.#unsaved.has(nameKey(event.speaker))) return false;
    return (await this.#kept.keep(event)) !== undefined;
  }
}

function outcomeOf({ label, speaker, how, profile }: NamedEvent, isSaved: boolean): string {
  if (how === 'enrolled') {
    return `saved ${label} as ${speaker} (${profile?.speechSeconds.toFixed(1) ?? '0'} s of speech)`;
  }
  if (!isSaved) return `${label} is ${speaker}`;
  return how === 'learnt'
    ? `${label} is ${speaker}: what was heard is part of the profile now`
    : `${label} is ${speaker}: what was heard is kept apart; \`speakers undo\` forgets it`;
}
