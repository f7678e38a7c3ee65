import type { KV, KvOptions, KvWatchEntry } from '@nats-io/kv';
import { unreachable } from './fleet-errors.js';
import type { FleetConnection } from './fleet-connection.js';
import { FLEET_SETTINGS } from './settings.js';

/** A value as it is in the bucket; `bytes` is null where it was deleted, for its revision still counts. */
export interface Stored {
  readonly revision: number;
  readonly bytes: Uint8Array | null;
}

interface Waiting {
  readonly revision: number;
  readonly resolve: () => void;
}

/**
 * A bucket as this process knows it: NATS's watch keeps it up to date. `current` waits until it has everything that was
 * written before the call, by whichever process.
 */
export class BucketReplica {
  readonly kv: KV;
  readonly #connection: FleetConnection;
  readonly #stream: string;
  readonly #stored = new Map<string, Stored>();
  readonly #listeners = new Set<(key: string) => void>();
  #waiting: Waiting[] = [];
  #revision = 0;
  #watch: { stop(): void } | undefined;
  #isClosed = false;
  readonly #timer: NodeJS.Timeout;

  private constructor(connection: FleetConnection, kv: KV, stream: string) {
    this.#connection = connection;
    this.kv = kv;
    this.#stream = stream;
    // A change is told within a second by the watch; this finds a watch that is lost.
    this.#timer = setInterval(
      () => void this.current().catch(() => undefined),
      FLEET_SETTINGS.checkMs,
    ).unref();
  }

  static async open(
    connection: FleetConnection,
    part: string,
    options: Partial<KvOptions> = {},
  ): Promise<BucketReplica> {
    const kv = await connection.bucket(part, options);
    const replica = new BucketReplica(connection, kv, `KV_${connection.nameOf(part)}`);
    await connection.ask(() => replica.#follow());
    return replica;
  }

  /** Call with the key of each change. Returns how to end it. */
  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Everything, as it is now. Rejects with `fleet-unreachable`. */
  async current(): Promise<ReadonlyMap<string, Stored>> {
    // Again until nothing is newer: a value that is replaced before the watch tells it is told under its newer revision only, and to
    // stop at the older one would miss its key.
    while (await this.#connection.ask(() => this.#catchUp()));
    return this.#stored;
  }

  /** Everything, as far as it is known here. */
  get known(): ReadonlyMap<string, Stored> {
    return this.#stored;
  }

  /** Of the newest change that is known. */
  get revision(): number {
    return this.#revision;
  }

  /** What was deleted, and no change of which is to be looked for any more, needs no room. */
  forget(key: string): void {
    if (this.#stored.get(key)?.bytes === null) this.#stored.delete(key);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#watch?.stop();
  }

  /** @returns whether there was anything newer than is known */
  async #catchUp(): Promise<boolean> {
    const known = this.#revision;
    const { state } = await this.#connection.jsm.streams.info(this.#stream);
    if (state.messages === 0) {
      // What the watch told while the answer came is newer than it.
      for (const [key, { revision }] of this.#stored) if (revision <= known) this.#stored.delete(key);
      return false;
    }
    const isNewer = state.last_seq > this.#revision;
    await this.#reach(state.last_seq);
    return isNewer;
  }

  async #follow(): Promise<void> {
    const watch = await this.kv.watch();
    if (this.#isClosed) {
      watch.stop();
      return;
    }
    this.#watch = watch;
    void this.#read(watch);
  }

  async #read(watch: AsyncIterable<KvWatchEntry>): Promise<void> {
    try {
      for await (const { key, revision, value, operation } of watch)
        this.#take(key, revision, operation === 'PUT' ? value : null);
    } catch {
      // The watch ended with its connection, or its stream is gone: the next look makes another.
    }
    if (this.#watch === (watch as unknown)) this.#watch = undefined;
  }

  #take(key: string, revision: number, bytes: Uint8Array | null): void {
    // After a lost connection the watch begins anew, with what is known already.
    const isNew = (this.#stored.get(key)?.revision ?? 0) < revision;
    if (isNew) this.#stored.set(key, { revision, bytes });
    this.#revision = Math.max(this.#revision, revision);
    if (isNew) for (const listener of this.#listeners) listener(key);
    const reached = this.#waiting.filter((each) => each.revision <= this.#revision);
    this.#waiting = this.#waiting.filter((each) => each.revision > this.#revision);
    for (const { resolve } of reached) resolve();
  }

  /** A watch may be lost with the node that had it, in silence: then another says what there is. */
  async #reach(revision: number): Promise<void> {
    if (this.#watch === undefined) await this.#follow();
    if (await this.#arrives(revision, FLEET_SETTINGS.watchWaitMs)) return;
    this.#watch?.stop();
    await this.#follow();
    if (await this.#arrives(revision, FLEET_SETTINGS.requestTimeoutMs)) return;
    throw unreachable(this.#connection.where, 'its changes do not arrive');
  }

  async #arrives(revision: number, mostMs: number): Promise<boolean> {
    if (this.#revision >= revision) return true;
    let timer: NodeJS.Timeout | undefined;
    let waiting: Waiting | undefined;
    const arrives = await new Promise<boolean>((resolve) => {
      waiting = {
        revision,
        resolve: () => {
          resolve(true);
        },
      };
      this.#waiting.push(waiting);
      timer = setTimeout(resolve, mostMs, false);
    });
    clearTimeout(timer);
    this.#waiting = this.#waiting.filter((each) => each !== waiting);
    return arrives;
  }
}
