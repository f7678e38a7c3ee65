import type { JetStreamClient, JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { KV, KvOptions } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { WhospeaksError } from '../errors.js';
import { asFleetError, isStreamMissing, unreachable } from './fleet-errors.js';
import { shownFleet, type FleetAddress } from './fleet-url.js';
import { loadNats, type NatsPackages } from './nats.js';
import { FLEET_SETTINGS } from './settings.js';

/** Version of what is kept in NATS: it is in the description of each bucket and stream. */
const LAYOUT = 1;

/** One connection to NATS, and the buckets and streams of one deployment there. */
export class FleetConnection {
  readonly address: FleetAddress;
  /** For messages. */
  readonly where: string;
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly packages: NatsPackages;
  /** What is there already, and is otherwise than it was asked for here. */
  readonly warnings: string[] = [];
  readonly #listeners = new Set<(isConnected: boolean) => void>();
  #isConnected = true;

  private constructor(
    address: FleetAddress,
    packages: NatsPackages,
    nats: NatsConnection,
    jsm: JetStreamManager,
  ) {
    this.address = address;
    this.where = shownFleet(address);
    this.packages = packages;
    this.nats = nats;
    this.jsm = jsm;
    this.js = jsm.jetstream();
    void this.#follow();
  }

  /** Rejects with `fleet-unavailable`, `fleet-unreachable` or `fleet-refused`. */
  static async open(address: FleetAddress, name = 'whospeaks'): Promise<FleetConnection> {
    const packages = loadNats();
    const { transport, jetstream } = packages;
    const { servers, user, password, credentials, isTls, ca, cert, key } = address;
    const where = shownFleet(address);
    let nats: NatsConnection | undefined;
    try {
      nats = await transport.connect({
        servers: [...servers],
        name,
        timeout: FLEET_SETTINGS.connectTimeoutMs,
        maxReconnectAttempts: -1,
        reconnectTimeWait: FLEET_SETTINGS.reconnectWaitMs,
        pingInterval: FLEET_SETTINGS.pingIntervalMs,
        ignoreAuthErrorAbort: true,
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { pass: password }),
        ...(credentials === undefined ? {} : { authenticator: transport.credsAuthenticator(credentials) }),
        ...(isTls ? { tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } } : {}),
      });
      const jsm = await jetstream.jetstreamManager(nats, { timeout: FLEET_SETTINGS.requestTimeoutMs });
      return new FleetConnection(address, packages, nats, jsm);
    } catch (error) {
      await nats?.close();
      throw asFleetError(error, where);
    }
  }

  /** Whether some node of NATS is connected; it may still be without a quorum. */
  get isConnected(): boolean {
    return this.#isConnected && !this.nats.isClosed();
  }

  /** Called with whether it is connected, when that changes. Returns how to end it. */
  onConnected(listener: (isConnected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Do something there. Rejects at once, `fleet-unreachable`, while no node is connected; else as `asFleetError` says. */
  async ask<Result>(work: () => Promise<Result>): Promise<Result> {
    if (!this.isConnected) throw unreachable(this.where, 'no node is connected');
    try {
      return await work();
    } catch (error) {
      throw asFleetError(error, this.where);
    }
  }

  /** What a bucket or stream of this deployment is called. */
  nameOf(part: string): string {
    return `${this.address.deployment}_${part}`;
  }

  /** What a subject of this deployment begins with. */
  subjectOf(...parts: readonly string[]): string {
    return [this.address.deployment, ...parts].join('.');
  }

  /**
   * A bucket, made where it is not there; where it is, with other settings, it stays as it is, and `warnings` says so. Rejects with `fleet-foreign` where one of this name is somebody else's, or of
   * another version.
   */
  bucket(part: string, options: Partial<KvOptions> = {}): Promise<KV> {
    return this.ask(async () => {
      const kvm = new this.packages.kv.Kvm(this.js);
      const name = this.nameOf(part);
      const stream = `KV_${name}`;
      const description = describe(part);
      const wanted = { replicas: this.address.replicas, history: 1, ...options, description };
      const there = await this.#find(stream, description);
      if (there === null) await kvm.create(name, wanted);
      else this.#compare(stream, there, wanted);
      return kvm.open(name);
    });
  }

  /** A stream, likewise; its configuration is brought up to date. */
  async stream(part: string, config: Partial<StreamConfig>): Promise<string> {
    await this.ask(async () => {
      const name = this.nameOf(part);
      const description = describe(part);
      const wanted = { num_replicas: this.address.replicas, ...config, description };
      if ((await this.#find(name, description)) !== null) await this.jsm.streams.update(name, wanted);
      else await this.jsm.streams.add({ ...wanted, name });
    });
    return this.nameOf(part);
  }

  /** Try another node: this one is there, but not of use. Never rejects. */
  async goElsewhere(): Promise<void> {
    if (this.isConnected && this.address.servers.length > 1)
      await this.nats.reconnect().catch(() => undefined);
  }

  /** What was sent is out when this resolves. */
  async close(): Promise<void> {
    if (this.nats.isClosed()) return;
    if (!this.#isConnected) await this.nats.close();
    else await this.nats.drain().catch(() => this.nats.close());
  }

  /** Whoever made it first chose; a change of a bucket that is in use is its operator's. */
  #compare(
    stream: string,
    there: StreamConfig,
    { replicas, ttl = 0, max_bytes = -1 }: Partial<KvOptions>,
  ): void {
    const differences = [
      ['replicas', there.num_replicas, replicas],
      ['ttl (s)', there.max_age / 1e9, ttl / 1e3],
      ['max_bytes', there.max_bytes, max_bytes],
    ].filter(([, is, wanted]) => is !== wanted);
    if (differences.length === 0) return;
    const told = differences.map(([what, is, wanted]) => `${what} is ${is}, not ${wanted}`);
    this.warnings.push(
      `fleet ${this.where}: ${stream}: ${told.join('; ')}; change it with \`nats stream edit\`, or give all servers the same settings`,
    );
  }

  /** Null where there is none. */
  async #find(stream: string, description: string): Promise<StreamConfig | null> {
    try {
      const { config } = await this.jsm.streams.info(stream);
      if (config.description === description) return config;
      throw new WhospeaksError(
        'fleet-foreign',
        `fleet ${this.where}: "${stream}" is there already and was not made for "${description}"; give the fleet ` +
          'another name (nats://HOST/NAME), or remove it with the `nats` command',
      );
    } catch (error) {
      if (isStreamMissing(error)) return null;
      throw error;
    }
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.nats.status()) {
      if (type === 'disconnect') this.#tell(false);
      else if (type === 'reconnect') this.#tell(true);
    }
    this.#tell(false);
  }

  #tell(isConnected: boolean): void {
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    for (const listener of this.#listeners) listener(isConnected);
  }
}

function describe(part: string): string {
  return `whospeaks ${part} ${LAYOUT}`;
}
