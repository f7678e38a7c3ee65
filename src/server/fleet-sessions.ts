import { createHash, timingSafeEqual } from 'node:crypto';
import { Counter, Histogram } from 'prom-client';
import type { Logger } from 'pino';
import type { EventStream } from '../fleet/events/event-stream.js';
import { readTold, takeSession } from '../fleet/events/read-told.js';
import { readRecord, writeRecord, type SessionHeader } from '../fleet/sessions/session-record.js';
import { SessionTaken, type FoundRecord, type SessionVault } from '../fleet/sessions/session-vault.js';
import type { Resume } from '../protocol/index.js';
import type { Profile } from '../speakers/index.js';
import { profileFromJson, profileToJson } from '../speakers/profile-file.js';
import type { Principal } from './access/principal.js';
import type { CheckedHello } from './messages.js';
import type { ServerMetrics } from './metrics.js';
import type { ContinuityParts, SessionState } from './session/continuity.js';
import type { SessionRegistry, Taken } from './session/registry.js';
import type { Session } from './session/session.js';
import { assertSameHello, LASTING_FIELDS } from './session/same-hello.js';

export interface FleetSessionsParts {
  readonly vault: SessionVault;
  readonly events: EventStream;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  /** Fingerprint of the network. */
  readonly model: string;
  /** The usable speakers of a group. */
  readonly speakers: (group: string) => readonly Profile[];
  /** Throws `invalid-snapshot` where a stream of this hello does not go on from such a snapshot. */
  readonly assertResumes: (snapshot: Uint8Array, hello: CheckedHello) => void;
  readonly isReachable: () => boolean;
  readonly nowMs: () => number;
}

/** Fields of a hello that belong to the session. */
const FIELDS = [...LASTING_FIELDS, 'latencySeconds'] as const;
const TRIES = 5;

/** Keeps sessions where other servers find them, and takes up theirs. */
export class FleetSessions {
  readonly #parts: FleetSessionsParts;
  /** Revision of the record of each session that is this server's. */
  readonly #revisions = new Map<string, number>();
  readonly #taken: Counter;
  readonly #refused: Counter;
  readonly #skipped: Counter;
  readonly #bytes: Histogram;
  readonly #seconds: Histogram;

  constructor(parts: FleetSessionsParts) {
    this.#parts = parts;
    const registers = [parts.metrics.registry];
    this.#taken = new Counter({
      name: 'whospeaks_fleet_resumed_sessions',
      help: 'Sessions of other servers that went on here.',
      registers,
    });
    this.#refused = new Counter({
      name: 'whospeaks_fleet_refused_snapshots',
      help: 'Sessions that began anew, for their state is of another version or damaged.',
      registers,
    });
    this.#skipped = new Counter({
      name: 'whospeaks_fleet_skipped_states',
      help: 'States of sessions that a newer one took the place of, for NATS was slow.',
      registers,
    });
    this.#bytes = new Histogram({
      name: 'whospeaks_fleet_state_bytes',
      help: 'Size of the states of sessions that were kept in NATS.',
      buckets: [16_384, 65_536, 262_144, 524_288, 1_048_576, 2_097_152, 4_194_304, 16_777_216],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'whospeaks_fleet_keep_seconds',
      help: 'Time until NATS had a state of a session.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2, 10],
      registers,
    });
  }

  /** Whether another server can go on with such a session: not where it has words, or cannot be resumed at all. */
  static isMovable({ framing, words }: CheckedHello): boolean {
    return framing === 'sequenced' && !words;
  }

  /** How a session of this server is kept. @param onTaken another server has it now */
  continuityOf(
    id: string,
    { group, tokenId }: Principal,
    hello: CheckedHello,
    resumeHash: Buffer,
    taken: Taken | undefined,
    onTaken: () => void,
  ): ContinuityParts {
    const { vault, events, model } = this.#parts;
    const key = keyOf(group, id);
    this.#revisions.set(key, taken?.revision ?? 0);
    return {
      takenUp: taken?.takenUp,
      onSkipped: () => {
        this.#skipped.inc();
      },
      keep: async ({ snapshot, own, ...state }: SessionState) => {
        const revision = this.#revisions.get(key);
        if (revision === undefined || !this.#parts.isReachable()) throw new Error('not to be kept now');
        const header: Omit<SessionHeader, 'version'> = {
          owner: events.server,
          tokenId,
          resumeHash: resumeHash.toString('base64'),
          hello: Object.fromEntries(FIELDS.map((field) => [field, hello[field]])),
          model,
          speakersSign: this.#signOf(group),
          own: own.map(profileToJson),
          ...state,
        };
        try {
          const bytes = writeRecord(header, snapshot);
          const startMs = performance.now();
          this.#revisions.set(key, await vault.put(key, bytes, revision));
          this.#bytes.observe(bytes.length);
          this.#seconds.observe((performance.now() - startMs) / 1000);
        } catch (error) {
          if (error instanceof SessionTaken) onTaken();
          throw error;
        }
      },
    };
  }

  /** The session is over, and nobody goes on with it. */
  forget(group: string, id: string): void {
    const key = keyOf(group, id);
    if (!this.#revisions.delete(key) || !this.#parts.isReachable()) return;
    this.#parts.vault.forget(key).catch(() => undefined);
  }

  /** As `letGo`, of whatever group. */
  letGoOf(id: string): void {
    for (const key of this.#revisions.keys()) if (key.endsWith(`.${id}`)) this.#revisions.delete(key);
  }

  /** This server shuts down: whoever comes back for any of them goes elsewhere. */
  letGoOfAll(): void {
    this.#revisions.clear();
  }

  /** It is another server's from now on. */
  letGo(group: string, id: string): void {
    this.#revisions.delete(keyOf(group, id));
  }

  /** See `ConnectionParts.takeUp`. */
  async takeUp(
    registry: SessionRegistry,
    principal: Principal,
    hello: CheckedHello,
    resume: Resume,
  ): Promise<number> {
    const { nowMs, isReachable, vault, logger } = this.#parts;
    const key = keyOf(principal.group, resume.session);
    if (!FleetSessions.isMovable(hello) || !isReachable()) return nowMs();
    const found = await vault.get(key).catch(() => undefined);
    const local = registry.find(principal.group, resume.session);
    if (local !== undefined) {
      // Its first state may not be kept yet; where another has it, what is here is no more.
      const isOwn = found === undefined || found.revision === this.#revisions.get(key) || this.#isMine(found);
      if (isOwn) return nowMs();
      this.letGo(principal.group, resume.session);
      local.leave(nowMs());
      registry.remove(local);
    }
    if (found === undefined) return nowMs();
    // Where there is no room it stays where it is, for a server that has some.
    const giveBack = registry.reserve(principal, hello);
    let taken: Taken | null;
    try {
      taken = await this.#take(principal, hello, resume, key, found);
    } finally {
      giveBack();
    }
    if (taken === null) return nowMs();
    const session: Session = registry.takeUp(principal, hello, resume, nowMs(), taken);
    this.#taken.inc();
    logger.info(
      { session: session.id, group: principal.group, lastEvent: resume.lastEvent },
      'a session goes on here',
    );
    return nowMs();
  }

  async #take(
    { group }: Principal,
    hello: CheckedHello,
    resume: Resume,
    key: string,
    first: FoundRecord,
  ): Promise<Taken | null> {
    const { vault, events, model } = this.#parts;
    let found: FoundRecord | undefined = first;
    for (let tries = 0; tries < TRIES && found !== undefined; tries++) {
      const record = this.#read(found);
      if (record === null) return null;
      const { header, snapshot } = record;
      if (!isSame(Buffer.from(header.resumeHash, 'base64'), sha256(resume.token))) return null;
      if (header.model !== model) return null;
      assertSameHello(FIELDS, header.hello, hello);
      if (!this.#resumes(snapshot, hello)) return null;
      try {
        const owned = writeRecord({ ...header, owner: events.server }, snapshot);
        const revision = await vault.put(key, owned, found.revision);
        await takeSession(events, group, resume.session);
        const told = await readTold(events, group, resume.session, resume.lastEvent);
        if (told === null) return null;
        const { lastEvent, untold, audio, sample } = header;
        const lastTold = Math.max(told.lastEvent, resume.lastEvent);
        // Events of before the snapshot do not come again.
        if (lastTold < lastEvent - untold.length) return null;
        const own = header.own.map(profileFromJson);
        return {
          revision,
          told,
          takenUp: {
            state: { sample, snapshot, audio, lastEvent, untold, own },
            lastTold,
            backlog: told.events,
            hasOtherSpeakers: header.speakersSign !== this.#signOf(group),
          },
        };
      } catch (error) {
        if (!(error instanceof SessionTaken)) throw error;
        found = await vault.get(key);
      }
    }
    return null;
  }

  #isMine({ bytes }: FoundRecord): boolean {
    try {
      return readRecord(bytes).header.owner === this.#parts.events.server;
    } catch {
      return false;
    }
  }

  #read({ bytes }: FoundRecord): ReturnType<typeof readRecord> | null {
    try {
      return readRecord(bytes);
    } catch (error) {
      this.#refuse(error);
      return null;
    }
  }

  /** Asked before the session is taken: where this server cannot go on with it, another may. */
  #resumes(snapshot: Uint8Array, hello: CheckedHello): boolean {
    if (snapshot.length === 0) return true;
    try {
      this.#parts.assertResumes(snapshot, hello);
      return true;
    } catch (error) {
      this.#refuse(error);
      return false;
    }
  }

  #refuse(error: unknown): void {
    this.#refused.inc();
    const why = error instanceof Error ? error.message : String(error);
    this.#parts.logger.warn({ why }, 'the state of a session cannot be read; it begins anew');
  }

  #signOf(group: string): string {
    const hash = createHash('sha256');
    for (const { name, id, centroid, adaptations = [] } of this.#parts.speakers(group)) {
      hash.update(`${name}\0${id ?? ''}\0${adaptations.length}\0`);
      hash.update(new Uint8Array(centroid.buffer, centroid.byteOffset, centroid.byteLength));
    }
    return hash.digest('hex');
  }
}

/** A hash of another length is another. */
function isSame(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function keyOf(group: string, session: string): string {
  return `${group}.${session}`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
