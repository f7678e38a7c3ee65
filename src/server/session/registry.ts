import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { WhospeaksError } from '../../errors.js';
import type { Resume } from '../../protocol/index.js';
import type { Principal } from '../access/principal.js';
import type { CheckedHello } from '../messages.js';
import type { TakenUp } from './continuity.js';
import type { Session } from './session.js';
import { assertSameHello, LASTING_FIELDS } from './same-hello.js';

/** They may change while it runs. */
export interface RegistryLimits {
  /** Streams in all; one whose channels are heard each by itself counts as so many. */
  readonly maxStreams: number;
  /** Streams of one token, where the token says nothing else; `auto`: its fair share. */
  readonly maxStreamsPerToken: number | 'auto';
  /** Whether there is more than one token that may have streams. */
  readonly isShared: boolean;
}

/** Part of the places that streams without a connection may keep; beyond it the oldest yields to a new stream. */
const DETACHED_SHARE = 1 / 4;
/**
 * A token may have so many times as many streams as stay free for others: alone it has four fifths of the places, and
 * however many come, there is one left for a token that has none. After Choudhury and Hahne, "Dynamic queue length
 * thresholds for shared-memory packet switches", IEEE/ACM Transactions on Networking 6(2), 1998.
 */
const FAIR_SHARE = 4;

/** Makes the session of a checked hello; the registry gives it its id. */
export type MakeSession = (
  id: string,
  principal: Principal,
  hello: CheckedHello,
  nowMs: number,
  resumeHash: Buffer,
  taken?: Taken,
) => Session;

/** A session of another server that is gone on with here. */
export interface Taken {
  readonly takenUp: TakenUp;
  /** Revision of its record, which is this server's now. */
  readonly revision: number;
  /** Its last message in the stream of events, and the last event there. */
  readonly told: { readonly lastSequence: number; readonly lastEvent: number };
}

interface Entry {
  readonly session: Session;
  readonly principal: Principal;
  readonly hello: CheckedHello;
  readonly resumeHash: Buffer;
}

/** Whose stream it is, and how many places it takes. */
type Place = Pick<Entry, 'principal' | 'hello'>;

export interface OpenedSession {
  readonly session: Session;
  /** Empty where the session cannot be resumed. */
  readonly resumeToken: string;
}

/** All sessions: who may have how many, and which of them a client may come back to. */
export class SessionRegistry {
  readonly #limits: RegistryLimits;
  readonly #make: MakeSession;
  /** Null where another stream can be served in time, else why not. */
  readonly #overload: () => string | null;
  /** By group and id together, so that looking for another group's session is looking for none. */
  readonly #entries = new Map<string, Entry>();
  /** Places of streams that another server has still. */
  readonly #reserved = new Set<Place>();
  #isDraining = false;

  constructor(limits: RegistryLimits, make: MakeSession, overload: () => string | null) {
    this.#limits = limits;
    this.#make = make;
    this.#overload = overload;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Streams that take a place. */
  get running(): number {
    return this.#placed().length;
  }

  /** Those of them whose client is here. */
  get connected(): number {
    return this.#placed().filter(({ session }) => session.isConnected).length;
  }

  /** @throws {WhospeaksError} `server-draining`, `server-full` or `server-limit` */
  open(principal: Principal, hello: CheckedHello, nowMs: number): OpenedSession {
    this.#assertOpen();
    this.#takePlaces(principal, placesOf(hello));
    this.#forgetSurplus();
    const id = `s_${randomBytes(16).toString('base64url')}`;
    const resumeToken = hello.framing === 'raw' ? '' : randomBytes(32).toString('base64url');
    const resumeHash = resumeToken === '' ? randomBytes(32) : sha256(resumeToken);
    const session = this.#make(id, principal, hello, nowMs, resumeHash);
    this.#entries.set(keyOf(principal.group, id), { session, principal, hello, resumeHash });
    return { session, resumeToken };
  }

  /**
   * @throws {WhospeaksError} `session-unknown`, whatever the reason; `protocol-message` where the format is another; as
   *   `open` where the session had no audio yet, and so kept no place
   */
  resume(principal: Principal, hello: CheckedHello, resume: Resume): Session {
    const entry = this.#entries.get(keyOf(principal.group, resume.session));
    const isRight = timingSafeEqual(entry?.resumeHash ?? Buffer.alloc(32), sha256(resume.token));
    if (entry === undefined || !isRight || !entry.session.canResume(resume.lastEvent)) {
      throw new WhospeaksError(
        'session-unknown',
        'there is no such session to resume; begin a new one without "resume"',
      );
    }
    assertSameHello(LASTING_FIELDS, entry.hello, hello);
    if (!entry.session.isOver && !hasPlace(entry)) this.#takePlaces(principal, placesOf(hello));
    return entry.session;
  }

  /** Whether a client with this token may resume that session here. */
  has(principal: Principal, resume: Resume): boolean {
    const entry = this.#entries.get(keyOf(principal.group, resume.session));
    return entry !== undefined && timingSafeEqual(entry.resumeHash, sha256(resume.token));
  }

  /**
   * Keep room for a session of another server, before it is taken from there. Returns how to give the room back.
   * @throws {WhospeaksError} as `open`
   */
  reserve(principal: Principal, hello: CheckedHello): () => void {
    this.#assertOpen();
    this.#takePlaces(principal, placesOf(hello));
    const place = { principal, hello };
    this.#reserved.add(place);
    return () => void this.#reserved.delete(place);
  }

  /** Go on with a session of another server, for which there is room: see `reserve`. */
  takeUp(principal: Principal, hello: CheckedHello, resume: Resume, nowMs: number, taken: Taken): Session {
    const resumeHash = sha256(resume.token);
    const session = this.#make(resume.session, principal, hello, nowMs, resumeHash, taken);
    this.#entries.set(keyOf(principal.group, resume.session), { session, principal, hello, resumeHash });
    return session;
  }

  find(group: string, id: string): Session | undefined {
    return this.#entries.get(keyOf(group, id))?.session;
  }

  ofGroup(group: string): Session[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.principal.group === group)
      .map(({ session }) => session);
  }

  /** Groups that have sessions. */
  groups(): string[] {
    return [...new Set([...this.#entries.values()].map((entry) => entry.principal.group))];
  }

  all(): Session[] {
    return [...this.#entries.values()].map(({ session }) => session);
  }

  /** Give one up at once. */
  remove(session: Session): void {
    for (const [key, entry] of this.#entries) if (entry.session === session) this.#forget(key, entry);
  }

  /** Give up those whose token may have none any more. */
  expel(mayStay: (principal: Principal) => boolean): void {
    for (const [key, entry] of this.#entries) if (!mayStay(entry.principal)) this.#forget(key, entry);
  }

  tick(nowMs: number): void {
    for (const [key, entry] of this.#entries) if (entry.session.tick(nowMs)) this.#forget(key, entry);
  }

  /** No new sessions from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  close(): void {
    for (const [key, entry] of this.#entries) this.#forget(key, entry);
  }

  /**
   * See to it that there is room for a stream of this token; each channel that is heard by itself takes a place.
   * @throws {WhospeaksError} `server-full` or `server-limit`
   */
  #takePlaces(principal: Principal, wanted: number): void {
    const overload = this.#overload();
    if (overload !== null) throw full(overload);
    const ofToken = ({ principal: { tokenId } }: Place): boolean => tokenId === principal.tokenId;
    const all = (): Place[] => [...this.#placed(), ...this.#reserved];
    const own = sum(all().filter(ofToken));
    const limit = this.#limitOf(principal, own, sum(all()), wanted);
    if (!this.#makeRoom(own + wanted - limit, ofToken)) {
      throw new WhospeaksError(
        'server-limit',
        `this token has ${own} streams, its limit is ${limit} now${wanted > 1 ? `, and each of the ${wanted} channels counts as one` : ''}; end one first`,
      );
    }
    if (!this.#makeRoom(sum(all()) + wanted - this.#limits.maxStreams)) {
      throw full(
        wanted > 1 ? `there are no ${wanted} places for its ${wanted} channels` : 'every stream is taken',
      );
    }
  }

  /** Places that a token may have which has `own` of all that are `placed`, and wants more. */
  #limitOf({ maxStreams }: Principal, own: number, placed: number, wanted: number): number {
    const most = maxStreams ?? this.#limits.maxStreamsPerToken;
    if (most !== 'auto') return most;
    const freeAfter = this.#limits.maxStreams - placed - wanted;
    const isFair = !this.#limits.isShared || own === 0 || own + wanted <= FAIR_SHARE * freeAfter;
    return isFair ? Infinity : own;
  }

  /**
   * Free so many places: give up the streams that have been without a connection the longest, where there are more such than may
   * stay. Returns whether it could.
   */
  #makeRoom(places: number, isMeant: (entry: Entry) => boolean = () => true): boolean {
    for (let left = places; left > 0;) {
      const placed = this.#placed().filter(isMeant);
      const detached = placed.filter(({ session }) => !session.isConnected);
      if (detached.length <= placed.length * DETACHED_SHARE) return false;
      const oldest = detached.reduce((a, b) => (b.session.detachedAtMs < a.session.detachedAtMs ? b : a));
      left -= placesOf(oldest.hello);
      this.remove(oldest.session);
    }
    return true;
  }

  /** Sessions without a place wait for their client too, but not without bound: the oldest go first. */
  #forgetSurplus(): void {
    if (this.#entries.size < 2 * this.#limits.maxStreams) return;
    for (const [key, entry] of this.#entries) {
      if (hasPlace(entry)) continue;
      this.#forget(key, entry);
      return;
    }
  }

  #assertOpen(): void {
    if (!this.#isDraining) return;
    throw new WhospeaksError('server-draining', 'the server shuts down; connect again in a moment');
  }

  #forget(key: string, { session }: Entry): void {
    this.#entries.delete(key);
    session.abort();
  }

  #placed(): Entry[] {
    return [...this.#entries.values()].filter(hasPlace);
  }
}

function hasPlace({ session }: Entry): boolean {
  return session.takesPlace;
}

/** What a stream counts for: one, or, where each is heard by itself, its channels. */
function placesOf({ audio, channels }: CheckedHello): number {
  return audio === 'channels' ? channels : 1;
}

function sum(entries: readonly Place[]): number {
  return entries.reduce((places, { hello }) => places + placesOf(hello), 0);
}

function full(why: string): WhospeaksError {
  return new WhospeaksError('server-full', `no room for another stream: ${why}; try again later`);
}

function keyOf(group: string, id: string): string {
  return `${group}/${id}`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
