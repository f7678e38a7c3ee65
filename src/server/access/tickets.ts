import { createHash, randomBytes } from 'node:crypto';
import { WhospeaksError } from '../../errors.js';
import type { Principal } from './principal.js';

/** Tickets that one token may have open at once, and all together. */
const MAX_PER_TOKEN = 100;
const MAX_OPEN = 10_000;

/** Short-lived tickets, each good for one WebSocket. Kept by their hash, in memory only. */
export class TicketBook {
  readonly lifetimeSeconds: number;
  readonly #open = new Map<string, { readonly principal: Principal; readonly expiresAtMs: number }>();

  constructor(lifetimeSeconds: number) {
    this.lifetimeSeconds = lifetimeSeconds;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws {WhospeaksError} `server-limit` where too many are open */
  issue(principal: Principal, nowMs: number): string {
    this.#expire(nowMs);
    let own = 0;
    for (const entry of this.#open.values()) if (entry.principal.tokenId === principal.tokenId) own++;
    if (own >= MAX_PER_TOKEN || this.#open.size >= MAX_OPEN) {
      throw new WhospeaksError(
        'server-limit',
        'too many tickets are open; use them, or wait until they expire',
      );
    }
    const ticket = randomBytes(32).toString('base64url');
    this.#open.set(keyOf(ticket), { principal, expiresAtMs: nowMs + this.lifetimeSeconds * 1000 });
    return ticket;
  }

  /** Whose ticket this is; it is used up by asking. */
  redeem(ticket: string, nowMs: number): Principal | null {
    const key = keyOf(ticket);
    const entry = this.#open.get(key);
    this.#open.delete(key);
    return entry !== undefined && entry.expiresAtMs > nowMs ? entry.principal : null;
  }

  #expire(nowMs: number): void {
    // In order of issue, and all live equally long: the rest is younger.
    for (const [key, { expiresAtMs }] of this.#open) {
      if (expiresAtMs > nowMs) return;
      this.#open.delete(key);
    }
  }
}

function keyOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64');
}
