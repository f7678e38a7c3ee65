import { WhospeaksError, type ErrorCode } from '../../errors.js';
import type { AudioEncoding } from '../../protocol/index.js';
import type { Principal } from '../access/principal.js';
import { closeReasonOf } from '../session/close-reason.js';
import { EventLog } from '../session/event-log.js';
import type { Session } from '../session/session.js';
import type { CallNews } from './call-messages.js';
import { CallTrack } from './call-track.js';
import { CALL_RATE_HZ, type CallInput, type ProviderName, type StartMessage, type Track } from './dialect.js';

/** Messages of a call that are kept for who reads them; beyond it the oldest are forgotten, and that is told. */
const MAX_MESSAGES = 4096;
/** The same in characters: messages of turns have some 500, others may be long. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
/** Irregularities are told this often at most, ms. */
const IRREGULAR_EVERY_MS = 5000;
/** What a timestamp may be before the end of what was heard and still go on from there. */
const CONTINUES_FRAMES = CALL_RATE_HZ;

export interface CallParts {
  readonly id: string;
  readonly provider: ProviderName;
  readonly encoding: AudioEncoding;
  readonly principal: Principal;
  readonly waitSeconds: number;
  /** A call that has no track by then ends. */
  readonly soundTimeoutSeconds: number;
  /** Open a stream for a track. @throws {WhospeaksError} as `SessionRegistry.open` */
  readonly openSession: (nowMs: number) => Session;
  readonly onEnded: (code: ErrorCode | 'done', seconds: number) => void;
}

/** What a reader of a call has not had yet. */
export interface Unread {
  readonly missed: { readonly from: number; readonly to: number } | null;
  readonly messages: readonly string[];
}

/** One connection of the provider, as the call sees it. */
export interface CallLink {
  /** Hang up on the provider, for this reason; null: the call is over. */
  end(error: unknown): void;
}

interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
}

/** One telephone call: its tracks, and what is told of them, numbered. It outlives the provider's connections. */
export class Call {
  readonly parts: CallParts;
  readonly log = new EventLog(MAX_MESSAGES, MAX_CHARACTERS);
  readonly #tracks = new Map<Track, CallTrack>();
  readonly #listeners = new Set<() => void>();
  #listed: readonly Track[] | null = null;
  #link: CallLink | null = null;
  #lostAtMs: number | null = null;
  /** Tracks that have had no sound yet of the connection that is there. */
  #fresh = new Set<Track>();
  /** Another connection has come, and its clock is not set yet. */
  #isClockOpen = false;
  #goneFrames = 0;
  #offset = 0;
  #state: 'open' | 'ending' | 'ended' = 'open';
  #endedAtMs = 0;
  #problem: Problem | null = null;
  #missing = 0;
  #late = 0;
  #irregularAtMs = -Infinity;
  #untoldIrregular = false;
  readonly #begunAtMs: number;
  #nowMs: number;

  constructor(parts: CallParts, nowMs: number) {
    this.parts = parts;
    this.#begunAtMs = this.#nowMs = nowMs;
  }

  get state(): 'connected' | 'lost' | 'ended' {
    return this.isEnded ? 'ended' : this.#link === null ? 'lost' : 'connected';
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Whether a track is listened to: the call has a place then. */
  get hasTrack(): boolean {
    return this.#tracks.size > 0;
  }

  /** Who is told at once: readers, and a webhook that waits. */
  get listeners(): number {
    return this.#listeners.size;
  }

  get endedAtMs(): number {
    return this.#endedAtMs;
  }

  /** Time of the call that came in. */
  get seconds(): number {
    return this.#heard() / CALL_RATE_HZ;
  }

  /** Sound that is worked on, of the track that has most of it. */
  get heardSeconds(): number {
    return Math.max(0, ...[...this.#tracks.values()].map(({ session }) => session.heardSeconds));
  }

  get sessions(): Partial<Record<Track, string>> {
    return Object.fromEntries([...this.#tracks].map(([track, { session }]) => [track, session.id]));
  }

  /**
   * A connection of the provider begins, or takes the place of one that is there or was lost.
   * @throws {WhospeaksError} where a stream cannot be opened
   */
  attach(start: StartMessage, link: CallLink, nowMs: number): void {
    this.#nowMs = nowMs;
    const old = this.#link;
    const resumed = this.log.lastId > 0;
    this.#link = link;
    this.#goneFrames = Math.round((CALL_RATE_HZ * (nowMs - (this.#lostAtMs ?? nowMs))) / 1000);
    this.#lostAtMs = null;
    this.#listed = start.tracks;
    this.#isClockOpen = resumed;
    this.#fresh = new Set(this.#tracks.keys());
    old?.end(new WhospeaksError('session-superseded', 'another connection has taken over this call'));
    const { provider, principal } = this.parts;
    this.#tell({
      type: 'started',
      provider,
      stream: start.stream,
      group: principal.group,
      resumed,
      parameters: start.parameters,
    });
    for (const track of start.tracks ?? []) this.#track(track);
  }

  /** @throws {WhospeaksError} where it is not what a call can use: the call is to be ended with it */
  take(input: CallInput, missing: number, nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#state !== 'open') return;
    if (missing > 0) this.#irregular(missing, 0);
    if (input.event === 'media') this.#media(input, missing > 0);
    else if (input.event === 'dtmf') this.#tell({ type: 'dtmf', track: input.track, digit: input.digit });
    else if (input.event === 'mark') this.#tell({ type: 'mark', name: input.name });
    else if (input.event === 'error') this.#tell({ type: 'provider', detail: input.detail });
    else this.finish(null, nowMs);
  }

  /** So many messages came after their turn and were dropped. */
  dropped(count: number): void {
    if (this.#state === 'open') this.#irregular(0, count);
  }

  /** The connection is gone without "stop". */
  lost(link: CallLink, nowMs: number): void {
    if (this.#link !== link) return;
    this.#nowMs = nowMs;
    this.#link = null;
    if (this.#state !== 'open') return;
    if (!this.hasTrack) {
      this.finish(new WhospeaksError('server-lost', 'the connection broke before any sound came'), nowMs);
      return;
    }
    this.#lostAtMs = nowMs;
    this.#tell({ type: 'lost', waitSeconds: this.parts.waitSeconds });
  }

  /** End it: its tracks tell their last events, and then `ended` is told. */
  finish(error: unknown, nowMs: number): void {
    if (this.#state !== 'open') return;
    this.#nowMs = nowMs;
    this.#state = 'ending';
    if (error !== null) {
      this.#problem = closeReasonOf(error).message;
      this.#hangUp(error);
    }
    for (const { session } of this.#tracks.values()) session.finish();
    this.#settle();
  }

  /** Its streams were given up, and tell nothing more. */
  abandon(error: unknown, nowMs: number): void {
    if (this.#state === 'ended') return;
    this.#state = 'ending';
    this.#nowMs = nowMs;
    this.#problem = closeReasonOf(error).message;
    this.#hangUp(error);
    this.#end();
  }

  /** Call it whenever something is told; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What was told after message `id`, `most` at once; `missed`: what was forgotten of it. */
  after(id: number, most: number): Unread {
    const { lastId, kept } = this.log;
    const forgotten = lastId - kept;
    const messages = this.log.after(Math.max(id, forgotten)) ?? [];
    return {
      missed: id < forgotten ? { from: id + 1, to: forgotten } : null,
      messages: messages.slice(0, most),
    };
  }

  /** Call a few times a second. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#untoldIrregular) this.#irregular(0, 0);
    const { soundTimeoutSeconds, waitSeconds } = this.parts;
    if (!this.hasTrack && nowMs - this.#begunAtMs >= soundTimeoutSeconds * 1000) {
      this.finish(
        new WhospeaksError('server-timeout', `no sound came within ${soundTimeoutSeconds} s`),
        nowMs,
      );
      return;
    }
    if (this.#lostAtMs === null || nowMs - this.#lostAtMs < waitSeconds * 1000) return;
    const waited = `the connection broke, and none came back within ${waitSeconds} s`;
    this.finish(new WhospeaksError('server-lost', waited), nowMs);
  }

  #media(input: Extract<CallInput, { event: 'media' }>, isAfterLoss: boolean): void {
    const track = this.#track(input.track);
    if (this.#isClockOpen && input.timestampMs !== null) {
      this.#isClockOpen = false;
      this.#goOnFrom(track, input.timestampMs);
    }
    const isFirst = this.#fresh.delete(input.track);
    if (!track.push(input, isAfterLoss || isFirst, this.#nowMs)) this.#irregular(0, 1);
    const position = this.#heard();
    for (const other of this.#tracks.values()) if (other !== track) other.keepUp(position, this.#nowMs);
  }

  /** The timestamps of a new connection count on, or begin anew: then its time 0 is where the call has come to. */
  #goOnFrom(track: CallTrack, timestampMs: number): void {
    const heard = this.#heard();
    const doesContinue = track.clock.positionOf(timestampMs) >= heard - CONTINUES_FRAMES;
    if (!doesContinue)
      this.#offset = heard + this.#goneFrames - Math.round((timestampMs * CALL_RATE_HZ) / 1000);
    for (const { clock } of this.#tracks.values()) clock.restart(this.#offset);
  }

  #track(name: Track): CallTrack {
    const there = this.#tracks.get(name);
    if (there !== undefined) return there;
    if (this.#listed?.includes(name) === false) {
      throw new WhospeaksError(
        'protocol-message',
        `sound of the track "${name}" came, which "start.tracks" does not list`,
      );
    }
    const session = this.parts.openSession(this.#nowMs);
    const track = new CallTrack(
      {
        session,
        encoding: this.parts.encoding,
        onEvent: (event) => {
          this.#tell({ type: 'event', track: name, event });
        },
        onClosed: (error) => {
          this.#onTrackClosed(error);
        },
      },
      this.#nowMs,
    );
    track.clock.restart(this.#offset);
    this.#tracks.set(name, track);
    this.#tell({ type: 'track', track: name, session: session.id, speakers: session.speakerNames() });
    return track;
  }

  /** One track that fails ends the call: half of it would be told as if it were all. */
  #onTrackClosed(error: Problem | null): void {
    if (this.#state === 'open') {
      const problem = error ?? { code: 'server-draining' as const, message: 'the server shuts down' };
      this.finish(new WhospeaksError(problem.code, problem.message), this.#nowMs);
      return;
    }
    this.#problem ??= error;
    this.#settle();
  }

  /** Every track has told its last event. */
  #settle(): void {
    if (this.#state === 'ending' && ![...this.#tracks.values()].some(({ isOpen }) => isOpen)) this.#end();
  }

  #end(): void {
    this.#state = 'ended';
    this.#endedAtMs = this.#nowMs;
    const { seconds } = this;
    const problem = this.#problem;
    this.#tell({
      type: 'ended',
      seconds,
      missing: this.#missing,
      late: this.#late,
      ...(problem && { error: { code: problem.code, message: problem.message } }),
    });
    this.parts.onEnded(problem?.code ?? 'done', seconds);
    this.#hangUp(null);
  }

  #hangUp(error: unknown): void {
    const link = this.#link;
    this.#link = null;
    link?.end(error);
  }

  #irregular(missing: number, late: number): void {
    this.#missing += missing;
    this.#late += late;
    this.#untoldIrregular = this.#nowMs - this.#irregularAtMs < IRREGULAR_EVERY_MS;
    if (this.#untoldIrregular) return;
    this.#irregularAtMs = this.#nowMs;
    this.#tell({ type: 'irregular', missing: this.#missing, late: this.#late });
  }

  #tell({ type, ...fields }: CallNews): void {
    this.log.add({ type, call: this.parts.id, ...fields });
    for (const listener of this.#listeners) listener();
  }

  #heard(): number {
    return Math.max(0, ...[...this.#tracks.values()].map(({ clock }) => clock.heard));
  }
}
