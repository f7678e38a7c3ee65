import { randomBytes } from 'node:crypto';
import type { KV } from '@nats-io/kv';
import { z } from 'zod';
import type { FleetConnection } from '../fleet-connection.js';
import { FLEET_SETTINGS } from '../settings.js';

const memberSchema = z.object({
  /** Where clients reach this server alone; absent behind a balancer. */
  address: z.url({ protocol: /^https?$/ }).optional(),
  streams: z.number().min(0),
  maxStreams: z.number().min(0),
  isDraining: z.boolean(),
  /** Fingerprint of the network: another's speakers are others. */
  model: z.string().max(200),
});

/** What a server says of itself. */
export type Member = z.output<typeof memberSchema>;

interface Heard {
  readonly member: Member;
  readonly atMs: number;
}

/**
 * What the servers of a fleet hold, in a bucket whose values NATS forgets when nobody renews them. How old a value is, each
 * server tells by when it came in on its own clock: what the clocks of others say does not matter.
 */
export class CapacityBoard {
  readonly id = randomBytes(8).toString('hex');
  readonly #connection: FleetConnection;
  readonly #kv: KV;
  readonly #own: () => Member;
  readonly #nowMs: () => number;
  readonly #heard = new Map<string, Heard>();
  readonly #timer: NodeJS.Timeout;
  #watch: { stop(): void } | undefined;
  #isReachable = true;
  /** Values in a row that NATS did not take. */
  #failures = 0;
  #isClosed = false;

  private constructor(connection: FleetConnection, kv: KV, own: () => Member, nowMs: () => number) {
    this.#connection = connection;
    this.#kv = kv;
    this.#own = own;
    this.#nowMs = nowMs;
    this.#timer = setInterval(() => void this.publish(), FLEET_SETTINGS.publishMs).unref();
  }

  static async open(
    connection: FleetConnection,
    own: () => Member,
    nowMs: () => number,
  ): Promise<CapacityBoard> {
    const kv = await connection.bucket('servers', { ttl: FLEET_SETTINGS.memberMs });
    const board = new CapacityBoard(connection, kv, own, nowMs);
    await connection.ask(() => board.#follow());
    await board.publish();
    return board;
  }

  /** Whether NATS took what was last written: it is connected, and has a quorum. */
  get isReachable(): boolean {
    return this.#isReachable && this.#connection.isConnected;
  }

  /** The other servers that live. */
  others(): Member[] {
    const sinceMs = this.#nowMs() - FLEET_SETTINGS.memberMs;
    return [...this.#heard.values()].filter(({ atMs }) => atMs >= sinceMs).map(({ member }) => member);
  }

  /** The address of the server with the most free places, of those that clients reach alone; null where there is none. */
  elsewhere(): string | null {
    const { model } = this.#own();
    const free = ({ streams, maxStreams }: Member): number => maxStreams - streams;
    const able = this.others().filter(
      (each) => each.address !== undefined && !each.isDraining && each.model === model && free(each) > 0,
    );
    return able.sort((a, b) => free(b) - free(a))[0]?.address ?? null;
  }

  /** Say now what this server holds. */
  async publish(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#connection.ask(() => this.#kv.put(this.id, JSON.stringify(this.#own())));
      if (this.#watch === undefined) await this.#connection.ask(() => this.#follow());
      this.#isReachable = true;
      this.#failures = 0;
    } catch {
      this.#isReachable = false;
      this.#failures++;
      if (this.#failures % FLEET_SETTINGS.mostFailures === 0) await this.#connection.goElsewhere();
    }
  }

  /** Gone from the board at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#watch?.stop();
    if (this.#connection.isConnected) await this.#kv.delete(this.id).catch(() => undefined);
  }

  async #follow(): Promise<void> {
    const watch = await this.#kv.watch();
    this.#watch = watch;
    void this.#read(watch).catch(() => undefined);
  }

  async #read(watch: Awaited<ReturnType<KV['watch']>>): Promise<void> {
    for await (const entry of watch) {
      if (entry.key === this.id) continue;
      const member = entry.operation === 'PUT' ? memberOf(entry.value) : undefined;
      if (member === undefined) this.#heard.delete(entry.key);
      else this.#heard.set(entry.key, { member, atMs: this.#nowMs() });
    }
    if (this.#watch === watch) this.#watch = undefined;
  }
}

/** Undefined where it is no server's. */
function memberOf(bytes: Uint8Array): Member | undefined {
  try {
    return memberSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return undefined;
  }
}
