import {
  connect,
  isWhospeaksError,
  recordings,
  speakers,
  type RecordingReply,
  type Recordings,
  type SendOptions,
  type Speakers,
} from '../client/index.js';
import { askToken } from './dialogs.js';
import type { Service, ServiceStream } from './service.js';
import { uploadFetch } from './upload-fetch.js';

const KEY = 'whospeaks-token';

/** The server that this page came from, and the token, which is kept for this tab only. */
export class ServerService implements Service {
  readonly speakers: Speakers;
  readonly recordings: Recordings;
  readonly #url = new URL('.', location.href);

  constructor() {
    this.speakers = speakers(this.#options);
    this.recordings = recordings(this.#options);
  }

  get keptAs(): string {
    return this.#url.href;
  }

  openStream(): ServiceStream {
    const token = this.#token;
    return connect({
      url: this.#url,
      ...(token === undefined ? {} : { token }),
      words: true,
      maxAttempts: 1000,
    });
  }

  async send(file: File, options: SendOptions, onSent: (share: number) => void): Promise<RecordingReply> {
    const { maxRecordings, maxRecordingBytes } = await this.withToken(() => this.recordings.list());
    if (maxRecordings === 0) throw new Error('This server takes no whole recordings.');
    if (file.size > maxRecordingBytes) {
      throw new Error(
        `${file.name} is too large: this server takes ${megabytes(maxRecordingBytes)} at most.`,
      );
    }
    const uploading = recordings({ ...this.#options, fetch: uploadFetch(onSent) });
    return uploading.send(file, options);
  }

  async withToken<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!isWhospeaksError(error, 'server-unauthorized')) throw error;
      const hint =
        this.#token === undefined ? 'This server asks for a token.' : 'The token is not good any more.';
      // What came of the last try.
      let outcome = (): T => {
        throw error;
      };
      await askToken(`${hint} It is kept in this tab only.`, async (answer) => {
        sessionStorage.setItem(KEY, answer);
        try {
          const value = await action();
          outcome = () => value;
        } catch (fault) {
          if (isWhospeaksError(fault, 'server-unauthorized'))
            throw new Error('That token was not accepted.', { cause: fault });
          outcome = () => {
            throw fault;
          };
        }
      });
      return outcome();
    }
  }

  get #options(): { readonly url: URL; readonly token: () => string } {
    return { url: this.#url, token: () => this.#token ?? '' };
  }

  get #token(): string | undefined {
    return sessionStorage.getItem(KEY) ?? undefined;
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}
