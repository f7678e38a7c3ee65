import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Principal } from './principal.js';

export const GROUP_PATTERN = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** One token as it is kept: its hash. 256 random bits need no slow hash: there is nothing to guess. */
export const tokenSchema = z.strictObject({
  id: z.string().min(1).max(64),
  group: z.string().regex(GROUP_PATTERN, 'expected lower-case letters, digits, - and _'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected the sha256 of a token, 64 hex digits'),
  /** May read all metrics, of every group. */
  operator: z.boolean().default(false),
  maxStreams: z.int().min(0).optional(),
});
export type TokenRecord = z.output<typeof tokenSchema>;

/** Before the random part, so that a leaked token can be told for what it is. */
const PREFIX = 'wsp_';
/** Longer than any token: what is longer is not looked at. */
const MAX_CHARACTERS = 256;

/** A new token, shown once, and the record of it that may be kept. */
export function makeToken(id: string, group: string): { token: string; record: TokenRecord } {
  const token = PREFIX + randomBytes(32).toString('base64url');
  return { token, record: { id, group, sha256: hash(token).toString('hex'), operator: false } };
}

/** The tokens that the server knows. */
export class TokenBook {
  readonly #entries: readonly { readonly hash: Buffer; readonly principal: Principal }[];

  constructor(records: readonly TokenRecord[]) {
    this.#entries = records.map(({ id, group, sha256, operator, maxStreams }) => ({
      hash: Buffer.from(sha256, 'hex'),
      principal: { tokenId: id, group, isOperator: operator, maxStreams },
    }));
  }

  get size(): number {
    return this.#entries.length;
  }

  get groups(): string[] {
    return [...new Set(this.#entries.map(({ principal }) => principal.group))];
  }

  /** Whose token this is. Every hash is compared, in constant time, so that the answer's time says nothing. */
  verify(token: string): Principal | null {
    const given = hash(token.slice(0, MAX_CHARACTERS));
    let found: Principal | null = null;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.hash, given)) found = entry.principal;
    }
    return token.length > MAX_CHARACTERS ? null : found;
  }
}

/** The token of an `Authorization: Bearer` header. */
export function bearerOf(header: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(header ?? '')?.[1] ?? null;
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
