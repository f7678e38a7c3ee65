import type { Logger } from 'pino';
import type { Gatekeeper } from '../access/gatekeeper.js';
import type { RefusalLog } from '../access/refusal-log.js';
import type { ServerConfig } from '../config.js';
import type { TokenHandlers } from '../http/operations.js';
import { telephonySecrets } from '../load-config.js';
import { helloSchema } from '../messages.js';
import type { ServerMetrics } from '../metrics.js';
import { UrlPolicy } from '../recordings/url-policy.js';
import type { SessionRegistry } from '../session/registry.js';
import type { SocketRoute } from '../sockets/peer.js';
import { tellClosed } from '../sockets/tell-closed.js';
import { CallBook } from './call-book.js';
import { CALL_RATE_HZ, PROVIDERS } from './dialect.js';
import { eventsRoute } from './events-route.js';
import { PROVIDER_PATHS, providerRoute, type ProviderParts } from './provider-route.js';
import { assertTwilioSignature } from './signatures.js';
import { Webhooks } from './webhooks.js';

/** Calls that are over and still kept for their readers. */
const MAX_ENDED = 256;

export interface TelephonyParts {
  readonly config: ServerConfig;
  readonly gatekeeper: Gatekeeper;
  readonly sessions: SessionRegistry;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  readonly refusals: RefusalLog;
  readonly nowMs: () => number;
}

export type TelephonyHandlers = Pick<TokenHandlers, 'listCalls'>;

/** Telephone calls: the providers' WebSockets, and who is told what was heard in them. */
export class Telephony {
  readonly routes: readonly SocketRoute[];
  readonly handlers: TelephonyHandlers;
  readonly #calls: CallBook;
  readonly #webhooks: Webhooks | null;
  readonly #nowMs: () => number;

  /** @throws {WhospeaksError} `server-config` */
  constructor({ config, gatekeeper, sessions, metrics, logger, refusals, nowMs }: TelephonyParts) {
    const { webhookKey, twilioAuthToken } = telephonySecrets(config);
    this.#nowMs = nowMs;
    this.#webhooks =
      webhookKey === null
        ? null
        : new Webhooks({
            key: webhookKey,
            url: config.telephonyWebhook,
            policy: webhookPolicy(config),
            logger,
            nowMs,
            onUntold: ({ parts }, messages) => {
              metrics.untoldCallMessages.inc({ group: parts.principal.group }, messages);
              logger.warn({ call: parts.id, messages }, 'a webhook was given up');
            },
          });
    this.#calls = new CallBook({
      waitSeconds: config.resumeWindowSeconds,
      soundTimeoutSeconds: config.audioTimeoutSeconds,
      maxEnded: MAX_ENDED,
      openSession: (principal, encoding, atMs) => {
        const hello = helloSchema.parse({
          type: 'hello',
          version: 1,
          encoding,
          sampleRateHz: CALL_RATE_HZ,
          // Over HTTP, from a recogniser beside the call.
          words: true,
        });
        return sessions.open(principal, hello, atMs).session;
      },
      mayStay: (principal) => gatekeeper.mayStay(principal),
      onBegun: (call, { parameters: { webhook } }) => {
        if (this.#webhooks !== null) this.#webhooks.follow(call, webhook);
        // Asked for where there is none: refused, not forgotten.
        else if (webhook !== undefined) webhookPolicy(config).route(new URL('about:blank'));
        logger.info({ call: call.parts.id, ...nameOf(call.parts.principal) }, 'call opened');
      },
      onEnded: (call, outcome, seconds) => {
        const fields = { call: call.parts.id, outcome, seconds: Number(seconds.toFixed(1)) };
        logger.info({ ...fields, ...nameOf(call.parts.principal) }, 'call closed');
      },
      isRead: (call) => this.#webhooks?.isReading(call) !== true,
    });
    const provided: ProviderParts = {
      gatekeeper,
      calls: this.#calls,
      startTimeoutSeconds: config.helloTimeoutSeconds,
      assertSigned: (provider, { request }) => {
        if (provider !== 'twilio' || twilioAuthToken === null || config.publicUrl === undefined) return;
        const url = new URL(config.publicUrl);
        url.pathname = `${url.pathname.replace(/\/$/, '')}${PROVIDER_PATHS.twilio}`;
        assertTwilioSignature(twilioAuthToken, url, request.headers);
      },
      onClosed: (principal, code, error, from) => {
        tellClosed({ metrics, logger }, principal, code, error);
        refusals.tell(error, from);
      },
    };
    this.routes = [
      ...PROVIDERS.map((provider) => providerRoute(provider, provided)),
      eventsRoute({ gatekeeper, calls: this.#calls }),
    ];
    this.handlers = {
      listCalls: ({ principal }) => ({ status: 200, body: this.#calls.list(principal.group) }),
    };
  }

  /** No call runs, and nothing is left to post. */
  get isIdle(): boolean {
    return this.#calls.running === 0 && this.#webhooks?.isIdle !== false;
  }

  tick(nowMs: number): void {
    this.#calls.tick(nowMs);
  }

  close(): void {
    this.#calls.close(this.#nowMs());
    this.#webhooks?.close();
  }
}

function webhookPolicy({ telephonyWebhookUrls }: ServerConfig): UrlPolicy {
  const refusal =
    'this server posts to no such webhook; its operator can allow it with "telephonyWebhookUrls"';
  return new UrlPolicy(telephonyWebhookUrls, undefined, refusal);
}

function nameOf({ tokenId, group }: { readonly tokenId: string; readonly group: string }): object {
  return { token: tokenId, group };
}
