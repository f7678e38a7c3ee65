import { randomBytes } from 'node:crypto';
import { Agent, request as requestPlain, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { FairTurns } from '../fair-turns.js';
import type { UrlPolicy } from '../recordings/url-policy.js';
import type { Call } from './call.js';
import { webhookHeaders } from './signatures.js';

/** Messages in one request. */
const MAX_MESSAGES = 100;
/** Requests at once, of all calls. */
const MAX_AT_ONCE = 16;
/** A receiver that has not answered by then has not taken it. */
const ANSWER_MS = 10_000;
/** Waits between tries: each twice the one before. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Calls that are followed; beyond it the oldest that is over is given up. */
const MAX_CALLS = 1000;
/** So long after the end of a call its receiver is tried for the rest. */
const GIVE_UP_MS = 600_000;

export interface WebhooksParts {
  readonly key: Buffer;
  /** Where calls go that say nothing else; the operator's. */
  readonly url: string | undefined;
  /** Where a call may say that it goes. */
  readonly policy: UrlPolicy;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly onUntold: (call: Call, messages: number) => void;
  /** The first wait between two tries, ms; for tests. */
  readonly firstWaitMs?: number;
}

interface Target {
  readonly url: URL;
  readonly options: Pick<RequestOptions, 'lookup'>;
}

interface Sent {
  readonly id: string;
  readonly body: string;
}

/**
 * Posts what calls tell, in order, each message until it is taken. While a receiver does not answer the call keeps what it
 * tells up to its bound; what is forgotten then is said in the next request.
 */
export class Webhooks {
  readonly #parts: WebhooksParts;
  readonly #closing = new AbortController();
  readonly #reading = new Map<Call, AbortController>();
  readonly #agents = {
    http: new Agent({ keepAlive: true, maxSockets: MAX_AT_ONCE }),
    https: new TlsAgent({ keepAlive: true, maxSockets: MAX_AT_ONCE }),
  };
  /** Receivers that do not answer hold up the calls of their own group. */
  readonly #turns = new FairTurns(MAX_AT_ONCE);

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  /** Whether a call still has something that was not taken. */
  isReading(call: Call): boolean {
    return this.#reading.has(call);
  }

  /** Nothing is on its way of calls that are over. */
  get isIdle(): boolean {
    return ![...this.#reading.keys()].some(({ isEnded }) => isEnded);
  }

  /**
   * Post what this call tells.
   * @param wanted the address that the call asks for
   * @throws {WhospeaksError} `server-forbidden` where it may not
   */
  follow(call: Call, wanted: string | undefined): void {
    const target = this.#targetOf(wanted);
    if (target === null) return;
    if (this.#reading.size >= MAX_CALLS) {
      const oldest = [...this.#reading].find(([{ isEnded }]) => isEnded);
      oldest?.[1].abort();
    }
    const stop = new AbortController();
    this.#reading.set(call, stop);
    const signal = AbortSignal.any([stop.signal, this.#closing.signal]);
    void this.#run(call, target, signal).finally(() => this.#reading.delete(call));
  }

  close(): void {
    this.#closing.abort();
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #targetOf(wanted: string | undefined): Target | null {
    if (wanted !== undefined) {
      const url = URL.canParse(wanted) ? new URL(wanted) : new URL('about:blank');
      return { url, options: this.#parts.policy.route(url) };
    }
    return this.#parts.url === undefined ? null : { url: new URL(this.#parts.url), options: {} };
  }

  async #run(call: Call, target: Target, signal: AbortSignal): Promise<void> {
    const uid = randomBytes(9).toString('base64url');
    const { id, principal } = call.parts;
    let told = 0;
    while (!signal.aborted) {
      const { missed, messages } = call.after(told, MAX_MESSAGES);
      if (messages.length === 0) {
        if (call.isEnded) return;
        await news(call, told, signal);
        continue;
      }
      const from = missed === null ? told + 1 : missed.to + 1;
      const to = from + messages.length - 1;
      const head = JSON.stringify({ call: id, group: principal.group, missed });
      const body = `${head.slice(0, -1)},"messages":[${messages.join(',')}]}`;
      if (!(await this.#untilTaken(call, target, { id: `${uid}-${from}-${to}`, body }, signal))) break;
      told = to;
    }
    if (call.log.lastId > told) this.#parts.onUntold(call, call.log.lastId - told);
  }

  /** The same request again until it is taken; false where it was given up. */
  async #untilTaken(call: Call, target: Target, sent: Sent, signal: AbortSignal): Promise<boolean> {
    const { logger, nowMs, firstWaitMs = FIRST_WAIT_MS } = this.#parts;
    const { group } = call.parts.principal;
    for (let tries = 1, waitMs = firstWaitMs; !signal.aborted; tries++) {
      const failure = await this.#turns.run(group, () => this.#post(target, sent, signal));
      if (failure === null) return true;
      const isTooLate = call.isEnded && nowMs() - call.endedAtMs > GIVE_UP_MS;
      // The host alone: addresses may hold secrets.
      const fields = { call: call.parts.id, host: target.url.host, tries, why: failure };
      if (tries === 1) logger.warn(fields, 'a webhook does not answer');
      if (isTooLate) return false;
      await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
    return false;
  }

  /** Null where it was taken, else why not. A redirect is not followed. */
  #post({ url, options }: Target, { id, body }: Sent, signal: AbortSignal): Promise<string | null> {
    const isTls = url.protocol === 'https:';
    const headers = {
      'user-agent': 'whospeaks',
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      ...webhookHeaders(this.#parts.key, id, Math.floor(Date.now() / 1000), body),
    };
    return new Promise((resolve) => {
      const sent = (isTls ? request : requestPlain)(
        url,
        {
          ...options,
          method: 'POST',
          headers,
          agent: isTls ? this.#agents.https : this.#agents.http,
          signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
        },
        (response) => {
          const { statusCode = 0 } = response;
          response.on('error', () => undefined).resume();
          resolve(statusCode >= 200 && statusCode < 300 ? null : `status ${statusCode}`);
        },
      );
      sent.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.name);
      });
      sent.end(body);
    });
  }
}

/** Resolves when there is more to tell than message `told`, or the call is over. */
function news(call: Call, told: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stop = call.subscribe(done);
    signal.addEventListener('abort', done);
    if (call.log.lastId > told || call.isEnded || signal.aborted) done();
  });
}
