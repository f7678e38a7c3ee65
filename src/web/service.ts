import { isWhospeaksError, speakers, type Speakers } from '../client/index.js';
import { askToken } from './dialogs.js';

const KEY = 'whospeaks-token';

/** The server that this page came from, and the token, which is kept for this tab only. */
export class Service {
  readonly url = new URL('.', location.href);
  readonly speakers: Speakers = speakers({ url: this.url, token: () => this.token ?? '' });

  get token(): string | undefined {
    return sessionStorage.getItem(KEY) ?? undefined;
  }

  /** Do what needs a token, and where it is missing or wrong, ask for it and do it again. */
  async withToken<T>(action: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        if (!isWhospeaksError(error, 'server-unauthorized')) throw error;
        const wrong = this.token !== undefined;
        const hint = wrong ? 'That token was not accepted.' : 'This server asks for a token.';
        const answer = await askToken(`${hint} It is kept in this tab only.`);
        if (answer === null) throw error;
        sessionStorage.setItem(KEY, answer);
      }
    }
  }
}
