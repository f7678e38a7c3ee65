import { isWhospeaksError, recordings, speakers, type Recordings, type Speakers } from '../client/index.js';
import { askToken } from './dialogs.js';

const KEY = 'whospeaks-token';

/** The server that this page came from, and the token, which is kept for this tab only. */
export class Service {
  readonly url = new URL('.', location.href);
  readonly speakers: Speakers = speakers({ url: this.url, token: () => this.token ?? '' });
  readonly recordings: Recordings = recordings({ url: this.url, token: () => this.token ?? '' });

  get token(): string | undefined {
    return sessionStorage.getItem(KEY) ?? undefined;
  }

  /** Do what needs a token, and where it is missing or wrong, ask for it and do it again. */
  async withToken<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!isWhospeaksError(error, 'server-unauthorized')) throw error;
      const hint =
        this.token === undefined ? 'This server asks for a token.' : 'The token is not good any more.';
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
}
