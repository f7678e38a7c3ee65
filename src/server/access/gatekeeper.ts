import type { IncomingHttpHeaders } from 'node:http';
import { WhospeaksError } from '../../errors.js';
import { TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/index.js';
import { assertOrigin, type OriginPolicy } from './origin.js';
import type { Principal } from './principal.js';
import { TicketBook } from './tickets.js';
import { TokenBucket } from './token-bucket.js';
import { bearerOf, type TokenBook } from './tokens.js';

/** Who is let in where the server has no tokens: it listens on loopback only then. */
export const ANYBODY: Principal = { tokenId: 'anybody', group: 'default', isOperator: true };

export interface GatekeeperOptions extends OriginPolicy {
  readonly tokens: TokenBook;
  readonly ticketSeconds: number;
  /** HTTP requests and WebSockets of one token, per second, and at once. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

/** Decides who a request comes from and whether it may. */
export class Gatekeeper {
  readonly tickets: TicketBook;
  readonly #options: GatekeeperOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: GatekeeperOptions) {
    this.#options = options;
    this.tickets = new TicketBook(options.ticketSeconds);
  }

  /**
   * @param isPage whether links of other sites may lead there
   * @throws {WhospeaksError} `server-forbidden` where pages of that origin may not
   */
  checkOrigin(headers: IncomingHttpHeaders, isPage = false): void {
    assertOrigin(this.#options, headers, isPage);
  }

  /** Whose bearer token it is. @throws {WhospeaksError} `server-unauthorized` or `server-limit` */
  bearer(headers: IncomingHttpHeaders, nowMs: number): Principal {
    if (this.#options.tokens.size === 0) return this.#limited(ANYBODY, nowMs);
    const token = bearerOf(headers.authorization);
    const principal = token === null ? null : this.#options.tokens.verify(token);
    if (principal === null) {
      throw new WhospeaksError(
        'server-unauthorized',
        'a valid token is needed: send "Authorization: Bearer TOKEN"',
      );
    }
    return this.#limited(principal, nowMs);
  }

  /** Whose WebSocket it is: by bearer token, or by the ticket among its subprotocols. Throws as `bearer`. */
  socket(headers: IncomingHttpHeaders, nowMs: number): Principal {
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const ticket = offered.find((name) => name.startsWith(TICKET_SUBPROTOCOL_PREFIX));
    if (ticket === undefined) return this.bearer(headers, nowMs);
    const principal = this.tickets.redeem(ticket.slice(TICKET_SUBPROTOCOL_PREFIX.length), nowMs);
    if (principal !== null) return principal;
    throw new WhospeaksError('server-unauthorized', 'the ticket is not valid any more; ask for a new one');
  }

  #limited(principal: Principal, nowMs: number): Principal {
    const { requestsPerSecond, requestBurst } = this.#options;
    let bucket = this.#buckets.get(principal.tokenId);
    if (bucket === undefined) {
      bucket = new TokenBucket(requestsPerSecond, requestBurst, nowMs);
      this.#buckets.set(principal.tokenId, bucket);
    }
    if (bucket.tryTake(nowMs)) return principal;
    throw new WhospeaksError('server-limit', 'this token asks too often; wait a second');
  }
}
