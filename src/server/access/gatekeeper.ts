import type { IncomingHttpHeaders } from 'node:http';
import { WhospeaksError } from '../../errors.js';
import { TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/index.js';
import { assertOrigin } from './origin.js';
import { ANYBODY, type Principal } from './principal.js';
import { AccessRefusal } from './refusal.js';
import { TicketBook } from './tickets.js';
import { TokenBucket } from './token-bucket.js';
import { bearerOf, type TokenBook, type Verified } from './tokens.js';

export interface GatekeeperOptions {
  readonly tokens: TokenBook;
  /** See `OriginPolicy`. */
  readonly allowedOrigins: readonly string[];
  readonly ticketSeconds: number;
  /** HTTP requests and WebSockets of one token, per second, and at once. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

/** Decides who a request comes from and whether it may. */
export class Gatekeeper {
  readonly tickets: TicketBook;
  /** Origins beside the server's own whose pages may talk to it; may be replaced while it runs. */
  allowedOrigins: readonly string[];
  readonly #options: GatekeeperOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: GatekeeperOptions) {
    this.#options = options;
    this.allowedOrigins = options.allowedOrigins;
    this.tickets = new TicketBook(options.ticketSeconds);
  }

  /**
   * @param isPage whether links of other sites may lead there
   * @throws {WhospeaksError} `server-forbidden` where pages of that origin may not
   */
  checkOrigin(headers: IncomingHttpHeaders, isPage = false): void {
    const { allowedOrigins } = this;
    assertOrigin({ allowedOrigins, onlyLoopbackNames: this.#options.tokens.isOpen }, headers, isPage);
  }

  /** Whose bearer token it is. @throws {WhospeaksError} `server-unauthorized` or `server-limit` */
  bearer(headers: IncomingHttpHeaders, nowMs: number): Principal {
    return this.token(bearerOf(headers.authorization), nowMs);
  }

  /** Whose token it is, however it came. Throws as `bearer`. */
  token(token: string | null, nowMs: number): Principal {
    const { tokens } = this.#options;
    if (tokens.isOpen) return this.#limited(ANYBODY, nowMs);
    const verified = token === null ? null : tokens.verify(token);
    if (verified === null || 'refused' in verified) throw refusal(verified);
    return this.#limited(verified.principal, nowMs);
  }

  /** Whose WebSocket it is: by bearer token, or by the ticket among its subprotocols. Throws as `bearer`. */
  socket(headers: IncomingHttpHeaders, nowMs: number): Principal {
    const ticket = ticketIn(headers);
    return ticket === undefined ? this.bearer(headers, nowMs) : this.ticket(ticket, nowMs);
  }

  /** Whether a WebSocket's request says whose it is, or need not. */
  isNamed(headers: IncomingHttpHeaders): boolean {
    return (
      this.#options.tokens.isOpen || headers.authorization !== undefined || ticketIn(headers) !== undefined
    );
  }

  /** Whose ticket it is; it is used up. @throws {WhospeaksError} `server-unauthorized` */
  ticket(ticket: string, nowMs: number): Principal {
    const principal = this.tickets.redeem(ticket, nowMs);
    if (principal !== null && this.#options.tokens.isValid(principal)) return principal;
    throw new AccessRefusal('server-unauthorized', 'the ticket is not valid any more; ask for a new one', {
      reason: 'the ticket is unknown, used or too old',
    });
  }

  /** Whether who was let in may stay. */
  mayStay(principal: Principal): boolean {
    return this.#options.tokens.isValid(principal);
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

function ticketIn(headers: IncomingHttpHeaders): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered
    .find((name) => name.startsWith(TICKET_SUBPROTOCOL_PREFIX))
    ?.slice(TICKET_SUBPROTOCOL_PREFIX.length);
}

function refusal(verified: Exclude<Verified, { principal: Principal }> | null): AccessRefusal {
  if (verified?.refused === 'expired') {
    return new AccessRefusal('server-unauthorized', 'the token has expired; ask the operator for a new one', {
      reason: 'the token has expired',
      token: verified.tokenId,
    });
  }
  return new AccessRefusal(
    'server-unauthorized',
    'a valid token is needed: send "Authorization: Bearer TOKEN"',
    { reason: verified === null ? 'no token was sent' : 'the token is unknown' },
  );
}
