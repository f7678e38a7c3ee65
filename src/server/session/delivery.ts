import { WhospeaksError } from '../../errors.js';
import { CLOSE, type WireEvent } from '../../protocol/index.js';
import { closeWith } from './close-reason.js';
import type { SessionState } from './continuity.js';
import { EventLog } from './event-log.js';
import type { ClientLink } from './link.js';
import type { SessionLimits } from './session-parts.js';
import type { TellBefore } from './tell-before.js';

type DeliveryLimits = Pick<SessionLimits, 'maxEvents' | 'maxEventCharacters' | 'maxSendBufferBytes'>;

type DeliveryState = Pick<SessionState, 'lastEvent' | 'untold'>;

type Outcome = { readonly code: number } | { readonly error: unknown };

/**
 * What a session tells its client: numbered events, kept until the client has them, over the connection that is there.
 * Without one, events are kept for a client that comes back, and other messages are dropped.
 */
export class Delivery {
  readonly #limits: DeliveryLimits;
  readonly #log: EventLog;
  #link: ClientLink | null = null;
  #detachedAtMs: number;
  #usedAtDetach = 0;
  readonly #before: TellBefore | null;
  /** Id of the last event that the stream told here. */
  #told = 0;
  /** Id of the newest event that may be sent. */
  #released = 0;
  /** The end, while events before it may not be sent yet. */
  #ending: Outcome | null = null;

  /** @param before what each event waits for before it is sent, in their order; default nothing */
  constructor(limits: DeliveryLimits, nowMs: number, before: TellBefore | null = null) {
    this.#before = before;
    this.#limits = limits;
    this.#log = new EventLog(limits.maxEvents, limits.maxEventCharacters);
    this.#detachedAtMs = nowMs;
  }

  get isConnected(): boolean {
    return this.#link !== null;
  }

  /** Since when there is no connection. */
  get detachedAtMs(): number {
    return this.#detachedAtMs;
  }

  get keptEvents(): number {
    return this.#log.kept;
  }

  /** Whether events after `lastEvent` are still there to be told. */
  canResume(lastEvent: number): boolean {
    return this.#log.after(lastEvent) !== null;
  }

  /** What another delivery needs to go on with it. */
  get state(): DeliveryState {
    return { lastEvent: this.#told, untold: this.#log.between(this.#released, this.#told) };
  }

  /**
   * Go on with what another delivery has told: events up to `id`, of which `texts` are the last. Those after the state come again,
   * and what it had not told is told here. Only at first.
   */
  takeUp({ lastEvent, untold }: DeliveryState, id: number, texts: readonly string[]): void {
    this.#log.takeUp(id, texts);
    this.#released = id;
    this.#told = lastEvent - untold.length;
    for (const text of untold)
      this.tell((JSON.parse(text) as { event: WireEvent }).event, this.#detachedAtMs);
  }

  /** Speak through `link` from now on, beginning after `lastEvent`; a connection that is there already is hung up. */
  attach(link: ClientLink, lastEvent: number): void {
    const held = this.#before === null ? 0 : this.#log.lastId - this.#released;
    const kept = this.#log.after(lastEvent) ?? [];
    const backlog = kept.slice(0, Math.max(0, kept.length - held));
    this.#log.acknowledge(lastEvent);
    const old = this.#link;
    this.#link = link;
    if (old !== null) {
      closeWith(old, new WhospeaksError('session-superseded', 'another connection has resumed this session'));
    }
    for (const text of backlog) link.send(text);
  }

  /** `link` is gone, or not to be spoken to any more. */
  detach(link: ClientLink, nowMs: number): void {
    if (this.#link !== link) return;
    this.#link = null;
    this.#detachedAtMs = nowMs;
    this.#usedAtDetach = this.#log.used;
  }

  /** Number an event, keep it, and send it. */
  tell(event: WireEvent, nowMs: number): void {
    this.#told++;
    if (this.#told <= this.#log.lastId) {
      // It was told once, by another server; where only the client has it, it is missing in the stream.
      void this.#before?.(this.#told, JSON.stringify({ type: 'event', id: this.#told, event }));
      return;
    }
    const text = this.#log.append(event);
    if (this.#before === null) {
      this.send(text, nowMs);
      return;
    }
    const id = this.#log.lastId;
    void this.#before(id, text).then(() => {
      this.#release(id, nowMs);
    });
  }

  /** Send a message. A client that reads more slowly than it is told is hung up. */
  send(text: string, nowMs: number): void {
    if (this.#link === null) return;
    this.#link.send(text);
    const { maxSendBufferBytes } = this.#limits;
    const hasFallenBehind = this.#log.received > 0 && this.#log.fullness >= 1;
    if (this.#link.bufferedBytes <= maxSendBufferBytes && !hasFallenBehind) return;
    const why = 'events are not read as fast as they come; resume, and read faster';
    this.hangUp(new WhospeaksError('client-too-slow', why), nowMs);
  }

  /** @throws {WhospeaksError} `protocol-message` where no such event was told */
  received(event: number): void {
    if (this.#log.acknowledge(event)) return;
    throw new WhospeaksError(
      'protocol-message',
      `"received" names event ${event}; the last one is ${this.#log.lastId}`,
    );
  }

  /** Whether events are read, or there is room to keep them for a client that comes back: a recording runs no further. */
  hasReader(): boolean {
    if (this.#link === null) return this.#log.used - this.#usedAtDetach < 1 / 2;
    const unread = this.#log.received > 0 ? this.#log.fullness : 0;
    return this.#link.bufferedBytes < this.#limits.maxSendBufferBytes / 4 && unread < 1 / 2;
  }

  /** End the connection with an error; the session can be resumed. */
  hangUp(error: WhospeaksError, nowMs: number): void {
    const link = this.#link;
    if (link === null) return;
    this.detach(link, nowMs);
    closeWith(link, error);
  }

  /** Another server goes on with the session: the client resumes there. Nothing more is told here. */
  goAway(nowMs: number): void {
    const link = this.#link;
    if (link === null) return;
    this.detach(link, nowMs);
    link.close(CLOSE.goingAway, 'draining');
  }

  /** The stream is over: the connection says why and closes. */
  close(outcome: Outcome): void {
    if (this.#before !== null && this.#released < this.#log.lastId) {
      this.#ending = outcome;
      return;
    }
    if (this.#link === null) return;
    if ('code' in outcome) this.#link.close(outcome.code, 'done');
    else closeWith(this.#link, outcome.error);
  }

  /** Nothing more is told. */
  abandon(): void {
    this.#link = null;
    this.#ending = null;
  }

  #release(id: number, nowMs: number): void {
    for (const text of this.#log.between(this.#released, id)) this.send(text, nowMs);
    this.#released = Math.max(this.#released, id);
    if (this.#ending === null || this.#released < this.#log.lastId) return;
    const ending = this.#ending;
    this.#ending = null;
    this.close(ending);
  }
}
