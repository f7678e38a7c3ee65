import { Gauge, Counter } from 'prom-client';
import type { Logger } from 'pino';
import { WhospeaksError } from '../errors.js';
import type { EventStream } from '../fleet/events/event-stream.js';
import { SessionEvents, type ToldBefore } from '../fleet/events/session-events.js';
import type { Fleet } from '../fleet/fleet.js';
import type { PieceStream } from '../fleet/recordings/piece-stream.js';
import type { RecordingBoard } from '../fleet/recordings/recording-board.js';
import type { CapacityBoard } from '../fleet/members/capacity-board.js';
import type { FleetState } from '../protocol/index.js';
import type { SpeakerStore } from '../speakers/index.js';
import { keySource } from '../speakers/store/key-source.js';
import type { ServerConfig } from './config.js';
import { FleetSessions, type FleetSessionsParts } from './fleet-sessions.js';
import { withStatus } from './http/http-error.js';
import type { SessionVault } from '../fleet/sessions/session-vault.js';
import type { ServerMetrics } from './metrics.js';
import { FleetRecordings } from './recordings/fleet-recordings.js';
import type { Recordings, RecordingsParts } from './recordings/recordings.js';
import { KEEP_MS } from './session/continuity.js';

const DAY_MS = 24 * 3600 * 1000;
/** What a server without its fleet does not do. */
const REFUSED = ['changes of speakers', 'going on with sessions of other servers'];
const RETRY_AFTER_SECONDS = 2;
const NO_KEY =
  'the fleet has no key: whoever can write to its NATS can forge speakers, recordings and states of sessions, which this server ' +
  'would take over; give all servers one "storeKeyFile"';
/** Sessions that are over whose last events wait for NATS; beyond it the oldest are given up. */
const MOST_ENDED = 1024;
const FLUSH_MS = 2000;

/** What this server says of itself to the others. */
export interface MemberLoad {
  readonly streams: number;
  /** Streams whose client is here: the others' may come back to their place. */
  readonly connected: number;
  readonly maxStreams: number;
  readonly isDraining: boolean;
  readonly model: string;
}

export interface MemberParts {
  readonly config: ServerConfig;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

interface KeptRecordings {
  readonly board: RecordingBoard;
  readonly pieces: PieceStream;
}

/** This server as one of a fleet: speakers, events and room that it shares with the others. */
export class FleetMember {
  readonly #fleet: Fleet;
  readonly #events: EventStream;
  readonly #vault: SessionVault;
  /** Null where this server takes no recordings. */
  readonly #kept: KeptRecordings | null;
  readonly #parts: MemberParts;
  readonly #sessions = new Set<SessionEvents>();
  /** Of sessions that are over, with something that waits. */
  readonly #ended = new Set<SessionEvents>();
  readonly #dropped: Counter;
  #board: CapacityBoard | undefined;
  #load: (() => MemberLoad) | undefined;

  private constructor(
    fleet: Fleet,
    events: EventStream,
    vault: SessionVault,
    kept: KeptRecordings | null,
    parts: MemberParts,
  ) {
    this.#vault = vault;
    this.#kept = kept;
    this.#fleet = fleet;
    this.#events = events;
    this.#parts = parts;
    const { registry } = parts.metrics;
    this.#dropped = new Counter({
      name: 'whospeaks_fleet_dropped_events',
      help: 'Events that are missing in the stream, for NATS was out of reach for too long.',
      registers: [registry],
    });
    const gauge = (name: string, help: string, value: () => number): void => {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(value());
        },
      });
    };
    gauge('whospeaks_fleet_reachable', 'Whether NATS answers.', () => Number(this.isReachable));
    gauge('whospeaks_fleet_servers', 'Servers of the fleet that live.', () => this.state().servers);
    gauge('whospeaks_fleet_waiting_events', 'Events that wait for NATS.', () =>
      [...this.#sessions].reduce((sum, { waiting }) => sum + waiting, 0),
    );
  }

  /** Null where the server belongs to none. Rejects as `Fleet.open` does. */
  static async open(parts: MemberParts): Promise<FleetMember | null> {
    const {
      fleet: url,
      fleetKeepSeconds,
      fleetKeepBytes,
      fleetRecordingBytes,
      fleetSessionBytes,
    } = parts.config;
    if (url === undefined) return null;
    // NATS is loaded by servers of a fleet alone.
    const { Fleet } = await import('../fleet/fleet.js');
    const fleet = await Fleet.open(url);
    try {
      const events = await fleet.events({ keepSeconds: fleetKeepSeconds, maxBytes: fleetKeepBytes });
      const keys = keySource({ keyFile: parts.config.storeKeyFile });
      const vault = await fleet.sessions(keys, KEEP_MS, fleetSessionBytes);
      const isTaking = parts.config.maxRecordings > 0;
      const kept = isTaking ? await fleet.recordings(keys, fleetRecordingBytes) : null;
      if ((await keys()).currentId === null) parts.logger.warn(NO_KEY);
      return new FleetMember(fleet, events, vault, kept, parts);
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  /** Take part, once it is known what this server holds. */
  async join(load: () => MemberLoad): Promise<void> {
    const { config, logger, nowMs } = this.#parts;
    this.#load = load;
    const address = config.fleetAddress === undefined ? {} : { address: config.fleetAddress };
    this.#board = await this.#fleet.board(() => ({ ...load(), ...address }), nowMs);
    for (const warning of this.#fleet.connection.warnings.splice(0)) logger.warn(warning);
    logger.info({ fleet: this.#fleet.connection.where, server: this.#board.id }, 'joined a fleet');
  }

  get isReachable(): boolean {
    return this.#board?.isReachable ?? this.#fleet.connection.isConnected;
  }

  state(): FleetState {
    const reachable = this.isReachable;
    return { reachable, servers: 1 + (this.#board?.others().length ?? 0), refused: reachable ? [] : REFUSED };
  }

  readonly store = (group: string): SpeakerStore => {
    const { storeKeyFile, maxSpeakers, trashDays } = this.#parts.config;
    const keys = keySource({ keyFile: storeKeyFile });
    return this.#fleet.speakers(group, { keys, maxSpeakers, trashMs: trashDays * DAY_MS });
  };

  /** Where there is room; null where there is none, or clients do not reach one server by itself. */
  readonly elsewhere = (): string | null => this.#board?.elsewhere() ?? null;

  /** Behind a balancer, a server without room says so before there is a WebSocket: it tries another then. */
  readonly refuseUpgrade = (): void => {
    const load = this.#load?.();
    if (load === undefined || this.#parts.config.fleetAddress !== undefined) return;
    const { isDraining, connected, maxStreams } = load;
    if (!isDraining && connected < maxStreams) return;
    const error = isDraining
      ? new WhospeaksError('server-draining', 'the server shuts down; connect again in a moment')
      : new WhospeaksError('server-full', 'no room for another stream: every stream is taken; try again');
    throw withStatus(503, error, { 'retry-after': String(RETRY_AFTER_SECONDS) });
  };

  /** Sessions that move between the servers. */
  sessions(own: Pick<FleetSessionsParts, 'model' | 'speakers' | 'assertResumes'>): FleetSessions {
    const { metrics, logger, nowMs } = this.#parts;
    return new FleetSessions({
      vault: this.#vault,
      events: this.#events,
      metrics,
      logger,
      ...own,
      isReachable: () => this.isReachable,
      nowMs,
    });
  }

  /** Whole recordings that are every server's; undefined where this one takes none. */
  recordings(own: RecordingsParts, hasGroup: (group: string) => boolean): Recordings | undefined {
    if (this.#kept === null) return undefined;
    const { metrics, logger, nowMs } = this.#parts;
    const lost = new Counter({
      name: 'whospeaks_fleet_lost_recordings',
      help: 'Recordings that another server was lost over, seen by this one, and that wait again.',
      registers: [metrics.registry],
    });
    return new FleetRecordings({
      ...own,
      ...this.#kept,
      hasGroup,
      isReachable: () => this.isReachable,
      nowMs,
      onLost: ({ id, group }) => {
        lost.inc();
        logger.warn({ recording: id, group }, 'a server was lost while it heard a recording');
      },
    });
  }

  /** The events of a session, for the stream. @param onTaken another server has the session now */
  eventsOf(group: string, session: string, onTaken: () => void, told?: ToldBefore): SessionEvents {
    const parts = {
      stream: this.#events,
      group,
      session,
      isReachable: () => this.isReachable,
      onTaken,
      onDropped: (count: number) => {
        this.#dropped.inc(count);
      },
    };
    const events = new SessionEvents(parts, told);
    this.#sessions.add(events);
    return events;
  }

  /** The session is over: what waits is told still, when NATS is back. */
  release(events: SessionEvents): void {
    this.#ended.add(events);
    const [oldest] = this.#ended;
    if (this.#ended.size > MOST_ENDED) this.#forget(oldest!);
  }

  /** Call now and then. */
  tick(): void {
    for (const events of this.#sessions) events.retry();
    for (const events of this.#ended) if (events.waiting === 0) this.#forget(events);
  }

  #forget(events: SessionEvents): void {
    if (events.waiting > 0) this.#dropped.inc(events.waiting);
    events.close();
    this.#sessions.delete(events);
    this.#ended.delete(events);
  }

  /** Tell the others at once what changed here. */
  async publish(): Promise<void> {
    await this.#board?.publish();
  }

  /** What waits is told before, where NATS answers. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((events) => events.flush(FLUSH_MS)));
    for (const events of this.#sessions) events.close();
    await this.#board?.close();
    await this.#fleet.close();
  }
}
