import { switchMap, type Observable } from 'rxjs';
import type { SendOptions } from '../../client/recordings.js';
import type { RecordingReply } from '../../protocol/index.js';
import { BrowserStore } from '../store/browser-store.js';
import { SpeakerModel, type LoadOptions } from '../speaker-model.js';
import { LocalRecordings } from './local-recordings.js';
import { LocalSpeakers } from './local-speakers.js';
import { LocalStream } from './local-stream.js';
import { Opening } from './opening.js';
import { Voices } from './voices.js';

/**
 * What a whospeaks server does for its page, done by this browser: the network in a worker, voices in IndexedDB. Nothing leaves
 * it. The network is loaded at once; what needs it waits, or rejects as `SpeakerModel.fromPretrained` does, and the next that needs
 * it loads it again.
 */
export class LocalService {
  readonly speakers: LocalSpeakers;
  readonly recordings: LocalRecordings;
  /** The voices are others now, whichever tab changed them. */
  readonly voicesChanged$: Observable<void>;
  readonly #store = new BrowserStore();
  readonly #opening: Opening<Voices>;

  constructor(options: LoadOptions = {}) {
    this.#opening = new Opening(async () => {
      const model = await SpeakerModel.fromPretrained(options);
      try {
        return await Voices.open(this.#store, model);
      } catch (error) {
        model.close();
        throw error;
      }
    });
    // What cannot be loaded says so to whoever needs it.
    this.#opening.get().catch(() => undefined);
    this.voicesChanged$ = this.#opening.opened$.pipe(switchMap((voices) => voices.changes$));
    this.speakers = new LocalSpeakers(this.#opening);
    this.recordings = new LocalRecordings(this.#opening);
  }

  readonly files = {
    export: (): Promise<string> => this.#store.export(),
    import: async (file: File): Promise<string[]> => {
      const names = await this.#store.import(file);
      await (await this.#opening.get()).refresh();
      return names;
    },
  };

  openStream(): LocalStream {
    return new LocalStream(this.#opening.get());
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
