import { catchError, EMPTY, from, switchMap, type Observable } from 'rxjs';
import type { SendOptions } from '../../client/recordings.js';
import type { RecordingReply } from '../../protocol/index.js';
import { BrowserStore } from '../store/browser-store.js';
import { SpeakerModel, type LoadOptions } from '../speaker-model.js';
import { LocalRecordings } from './local-recordings.js';
import { LocalSpeakers } from './local-speakers.js';
import { LocalStream } from './local-stream.js';
import { Voices } from './voices.js';

/**
 * What a whospeaks server does for its page, done by this browser: the network in a worker, voices in IndexedDB. Nothing leaves
 * it. The network is loaded at once; what needs it waits, or rejects as `SpeakerModel.fromPretrained` does.
 */
export class LocalService {
  readonly speakers: LocalSpeakers;
  readonly recordings: LocalRecordings;
  /** The voices are others now, whichever tab changed them. */
  readonly voicesChanged$: Observable<void>;
  readonly #store = new BrowserStore();
  readonly #opening: Promise<Voices>;

  constructor(options: LoadOptions = {}) {
    this.#opening = SpeakerModel.fromPretrained(options).then((model) => Voices.open(this.#store, model));
    // Whoever needs it is told.
    this.#opening.catch(() => undefined);
    this.voicesChanged$ = from(this.#opening).pipe(
      switchMap((voices) => voices.changes$),
      // What cannot be loaded says so to whoever asks for it.
      catchError(() => EMPTY),
    );
    this.speakers = new LocalSpeakers(this.#opening);
    this.recordings = new LocalRecordings(this.#opening);
  }

  readonly files = {
    export: (): Promise<string> => this.#store.export(),
    import: async (file: File): Promise<string[]> => {
      const names = await this.#store.import(file);
      await (await this.#opening).refresh();
      return names;
    },
  };

  openStream(): LocalStream {
    return new LocalStream(this.#opening);
  }

  async send(file: File, options: SendOptions, onSent: (share: number) => void): Promise<RecordingReply> {
    onSent(1);
    return this.recordings.send(file, options);
  }

  /** There is no token, and nobody to ask for one. */
  withToken<T>(action: () => Promise<T>): Promise<T> {
    return action();
  }
}
