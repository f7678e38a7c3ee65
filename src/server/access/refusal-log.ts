import type { Logger } from 'pino';
import { AccessRefusal } from './refusal.js';
import { TokenBucket } from './token-bucket.js';

/** Lines a second on average, and at once: who guesses tokens must not fill the disk. */
const PER_SECOND = 1;
const AT_ONCE = 20;

/** Tells the operator of every login and origin that is refused, or how many were left out. */
export class RefusalLog {
  readonly #logger: Logger;
  readonly #bucket: TokenBucket;
  readonly #nowMs: () => number;
  #unlogged = 0;

  constructor(logger: Logger, nowMs: () => number) {
    this.#logger = logger;
    this.#nowMs = nowMs;
    this.#bucket = new TokenBucket(PER_SECOND, AT_ONCE, nowMs());
  }

  /** Log it where it is one. @param from address of the client */
  tell(error: unknown, from: string | undefined): void {
    if (!(error instanceof AccessRefusal)) return;
    if (!this.#bucket.tryTake(this.#nowMs())) {
      this.#unlogged += 1;
      return;
    }
    const unlogged = this.#unlogged === 0 ? {} : { unlogged: this.#unlogged };
    this.#unlogged = 0;
    const what = error.code === 'server-forbidden' ? 'an origin was refused' : 'a login was refused';
    this.#logger.warn({ code: error.code, ...error.refused, from, ...unlogged }, what);
  }
}
