import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ANYBODY, type Principal } from './principal.js';

export const GROUP_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** One token as it is kept: its hash. 256 random bits need no slow hash: there is nothing to guess. */
export const tokenSchema = z.strictObject({
  id: z.string().min(1).max(64),
  group: z.string().regex(GROUP_PATTERN, 'expected lower-case letters, digits, - and _'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected the sha256 of a token, 64 hex digits'),
  /** May read all metrics, of every group. */
  operator: z.boolean().default(false),
  maxStreams: z.int().min(0).optional(),
  /** From then on it opens nothing; ISO 8601 with a zone. */
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});
export type TokenRecord = z.output<typeof tokenSchema>;

/** Before the random part, so that a leaked token can be told for what it is. */
const PREFIX = 'wsp_';
/** Longer than any token: what is longer is not looked at. */
const MAX_CHARACTERS = 256;

/** A new token, shown once, and the record of it that may be kept. */
export function makeToken(
  id: string,
  group: string,
): { readonly token: string; readonly record: TokenRecord } {
  const token = PREFIX + randomBytes(32).toString('base64url');
  return { token, record: { id, group, sha256: hash(token).toString('hex'), operator: false } };
}

export interface TokenBookOptions {
  /** Whether everybody is let in without one. */
  readonly isOpen?: boolean;
  /** The time of day, ms since 1970. */
  readonly dateMs?: () => number;
}

/** Whose token it is, or why it opens nothing. */
export type Verified =
  | { readonly principal: Principal }
  | { readonly refused: 'unknown' }
  | { readonly refused: 'expired'; readonly tokenId: string };

interface Entry {
  readonly hash: Buffer;
  readonly principal: Principal;
  readonly expiresAtMs: number;
}

/** The tokens that the server knows; they may be replaced while it runs. */
export class TokenBook {
  readonly #dateMs: () => number;
  #entries: readonly Entry[] = [];
  #byId: ReadonlyMap<string, Entry> = new Map();
  #isOpen = false;

  constructor(records: readonly TokenRecord[], { isOpen = false, dateMs = Date.now }: TokenBookOptions = {}) {
    this.#dateMs = dateMs;
    this.replace(records, isOpen);
  }

  /** From now on these count, and no others. */
  replace(records: readonly TokenRecord[], isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#entries = records.map(({ id, group, sha256, operator, maxStreams, expiresAt }) => ({
      hash: Buffer.from(sha256, 'hex'),
      principal: { tokenId: id, group, isOperator: operator, maxStreams },
      expiresAtMs: expiresAt === undefined ? Infinity : Date.parse(expiresAt),
    }));
    this.#byId = new Map(this.#entries.map((entry) => [entry.principal.tokenId, entry]));
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Everybody is let in without a token. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get groups(): string[] {
    return [...new Set(this.#entries.map(({ principal }) => principal.group))];
  }

  /** Whether more than one token may have streams. */
  get isShared(): boolean {
    return this.#entries.filter(({ principal }) => principal.maxStreams !== 0).length > 1;
  }

  /** Whether who was let in before would be let in again: the token is still there, of the same group, and not expired. */
  isValid({ tokenId, group }: Principal): boolean {
    if (this.#isOpen) return tokenId === ANYBODY.tokenId;
    const entry = this.#byId.get(tokenId);
    return entry?.principal.group === group && entry.expiresAtMs > this.#dateMs();
  }

  /** Whose token this is. Every hash is compared, in constant time, so that the answer's time says nothing. */
  verify(token: string): Verified {
    const given = hash(token.slice(0, MAX_CHARACTERS));
    let found: Entry | null = null;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.hash, given)) found = entry;
    }
    if (found === null || token.length > MAX_CHARACTERS) return { refused: 'unknown' };
    const { principal, expiresAtMs } = found;
    if (expiresAtMs <= this.#dateMs()) return { refused: 'expired', tokenId: principal.tokenId };
    return { principal };
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(header: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header ?? '')?.[1] ?? null;
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
