import { BehaviorSubject, NEVER, Subject, type Subscription } from 'rxjs';
import type { Notice, StreamEvent } from '../../client/events.js';
import type { SpeakerStream } from '../../client/connect.js';
import { WhospeaksError } from '../../errors.js';
import type { IdentifyEvent, TrackCommand } from '../../events/events.js';
import { wireEvent } from '../../events/wire-event.js';
import { StreamSpeakers } from '../../speakers/store/stream-speakers.js';
import { NamedVoices } from '../../tracker/named-voices.js';
import { identify } from '../identify.js';
import { BY } from './local-speakers.js';
import { PushedSource } from './pushed-source.js';
import type { Voices } from './voices.js';

/** How the stream stands. */
export type LocalStatus =
  { readonly state: 'connecting' | 'open' } | { readonly state: 'closed'; readonly error?: Error };

/** Behind by more than this, it is told, seconds. */
const LAG_SECONDS = 1;

/** One stream as the service's client knows it, heard by this browser's worker. */
export class LocalStream implements Pick<
  SpeakerStream,
  'events$' | 'namedWords$' | 'notices$' | 'positionSeconds' | 'send' | 'end' | 'name' | 'assign'
> {
  readonly #events = new Subject<StreamEvent>();
  readonly #status = new BehaviorSubject<LocalStatus>({ state: 'connecting' });
  readonly #notices = new Subject<Notice>();
  readonly #commands = new Subject<TrackCommand>();
  readonly #sound = new PushedSource();
  #voices: NamedVoices | undefined;
  #watching: Subscription | undefined;
  #isEnding = false;
  #isBehind = false;

  /** As they come: the first comes after the stream was opened, so that whoever subscribes at once misses none. */
  readonly events$ = this.#events.asObservable();
  readonly status$ = this.#status.asObservable();
  readonly notices$ = this.#notices.asObservable();
  /** No recogniser speaks to this stream. */
  readonly namedWords$ = NEVER;

  constructor(opening: Promise<Voices>) {
    opening.then(
      (voices) => {
        this.#start(voices);
      },
      (error: unknown) => {
        this.#close(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  get positionSeconds(): number {
    return this.#sound.pushedSeconds;
  }

  send(sound: Parameters<SpeakerStream['send']>[0]): Promise<void> {
    if (this.#isEnding) return Promise.reject(new WhospeaksError('source-closed', 'the stream has ended'));
    if (!(sound instanceof Float32Array)) {
      return Promise.reject(
        new WhospeaksError('audio-format', 'a stream of this browser takes samples of 16 kHz, -1 to 1'),
      );
    }
    this.#sound.push(sound);
    this.#tellLag();
    return Promise.resolve();
  }

  end(): void {
    this.#isEnding = true;
    this.#sound.end();
  }

  async name(label: string, speaker: string, { learn = false, save = true } = {}): Promise<void> {
    await this.#named().name({ type: 'name', label, speaker, learn }, save);
  }

  assign(turn: number, speaker: string): Promise<void> {
    return this.#named().assign({ type: 'assign', turn, speaker });
  }

  #named(): NamedVoices {
    if (this.#voices !== undefined) return this.#voices;
    throw new WhospeaksError('session-unknown', 'the stream has not begun yet; name the voice in a moment');
  }

  #start(voices: Voices): void {
    const { model, store } = voices;
    const kept = new StreamSpeakers(store, BY);
    const named = new NamedVoices({
      speakers: () => voices.usable(),
      save: async (event) => {
        const stored = await kept.keep(event);
        await voices.refresh();
        return stored;
      },
      command: (command) => {
        this.#commands.next(command);
      },
    });
    this.#voices = named;
    this.#watching = voices.changes$.subscribe(() => {
      named.update();
      const speakers = named.speakers();
      this.#commands.next({ type: 'speakers', speakers });
      this.#notices.next({ type: 'speakers', speakers: speakers.map(({ name }) => name) });
    });
    this.#status.next({ state: 'open' });
    identify(this.#sound, {
      model,
      speakers: named.speakers(),
      commands: this.#commands,
      onProfile: (profile) => {
        kept.improve(profile).then(
          () => voices.refresh(),
          (error: unknown) => {
            this.#complain(error);
          },
        );
      },
    }).subscribe({
      next: (event: IdentifyEvent) => {
        this.#events.next(wireEvent(event));
        named.told(event);
      },
      error: (error: unknown) => {
        this.#close(error instanceof Error ? error : new Error(String(error)));
      },
      complete: () => {
        this.#close();
      },
    });
  }

  #tellLag(): void {
    const behindSeconds = this.#sound.waitingSeconds;
    const isBehind = behindSeconds > LAG_SECONDS;
    if (isBehind || this.#isBehind)
      this.#notices.next({ type: 'lag', behindSeconds, droppedSeconds: this.#sound.droppedSeconds });
    this.#isBehind = isBehind;
  }

  /** What a voice came to could not be stored; the stream goes on. */
  #complain(error: unknown): void {
    const isOurs = error instanceof WhospeaksError;
    this.#notices.next({
      type: 'error',
      code: isOurs ? error.code : 'store-unwritable',
      message: error instanceof Error ? error.message : String(error),
      fatal: false,
    });
  }

  #close(error?: Error): void {
    this.#isEnding = true;
    this.#sound.end();
    this.#watching?.unsubscribe();
    this.#voices?.close();
    this.#status.next(error === undefined ? { state: 'closed' } : { state: 'closed', error });
    if (error === undefined) this.#events.complete();
    else this.#events.error(error);
    this.#notices.complete();
  }
}
