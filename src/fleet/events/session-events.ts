import type { StoredMsg } from '@nats-io/jetstream';
import { isConflict } from '../fleet-errors.js';
import { FLEET_SETTINGS } from '../settings.js';
import type { EventStream } from './event-stream.js';

/** An event of a session as the client gets it. */
interface Queued {
  readonly id: number;
  readonly text: string;
  readonly onTold: () => void;
}

export interface ToldBefore {
  /** Of the session's last message in the stream; 0 where there is none. */
  readonly lastSequence: number;
  /** Id of the last event there. */
  readonly lastEvent: number;
}

const NOTHING: ToldBefore = { lastSequence: 0, lastEvent: 0 };

export interface SessionEventsParts {
  readonly stream: EventStream;
  readonly group: string;
  readonly session: string;
  /** Whether NATS takes what is written now; while it does not, nobody waits for it. */
  readonly isReachable: () => boolean;
  /** Another server tells this session's events now. */
  readonly onTaken: () => void;
  /** Events that were dropped because NATS did not take them in time. */
  readonly onDropped: (count: number) => void;
}

/**
 * Tells the events of one session to the stream, one after the other, each with the sequence that it follows: so two servers
 * that both have the session cannot both tell it. While NATS is out of reach they wait here, the oldest dropped at a bound;
 * then the stream gets a `gap` message where they are missing.
 */
export class SessionEvents {
  readonly #parts: SessionEventsParts;
  readonly #subject: string;
  #queue: Queued[] = [];
  readonly #lastEvent: number;
  #lastSequence: number;
  /** Events that were dropped since the last one in the stream: the first and the last. */
  #gap: { from: number; to: number } | null = null;
  #isRunning = false;
  #isOver = false;

  /** @param told of a session that is taken up: its last message in the stream, and the last event that is there */
  constructor(parts: SessionEventsParts, { lastSequence, lastEvent }: ToldBefore = NOTHING) {
    this.#parts = parts;
    this.#lastEvent = lastEvent;
    this.#subject = parts.stream.subjectOf(parts.group, parts.session);
    this.#lastSequence = lastSequence;
  }

  /** Events that wait. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves when the event is in the stream, or when it is not to be waited for: NATS is out of reach. Never rejects. */
  tell(id: number, text: string): Promise<void> {
    // It comes again, and is there already.
    if (this.#isOver || id <= this.#lastEvent) return Promise.resolve();
    return new Promise((resolve) => {
      const onTold = once(resolve);
      this.#queue.push({ id, text, onTold });
      if (!this.#parts.isReachable()) onTold();
      else setTimeout(onTold, FLEET_SETTINGS.longestWaitMs).unref();
      this.#bound();
      if (!this.#isRunning) void this.#run();
    });
  }

  /** Try again what waits. Call now and then. */
  retry(): void {
    if (this.#queue.length > 0 && !this.#isRunning && this.#parts.isReachable()) void this.#run();
  }

  /** Nothing more is told. */
  close(): void {
    this.#isOver = true;
    for (const { onTold } of this.#queue.splice(0)) onTold();
  }

  /** Resolves when nothing waits any more, nothing can be told, or the time is over. */
  async flush(mostMs: number): Promise<void> {
    const endMs = performance.now() + mostMs;
    while (
      this.#queue.length > 0 &&
      this.#parts.isReachable() &&
      !this.#isOver &&
      performance.now() < endMs
    ) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      this.retry();
    }
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      for (;;) {
        const next = this.#queue[0];
        if (next === undefined || this.#isOver) return;
        // What was on its way when others were dropped comes before them.
        if (this.#gap !== null && next.id > this.#gap.to) {
          const { from, to } = this.#gap;
          await this.#publish(`gap-${from}`, JSON.stringify({ type: 'gap', from, to }));
          if (this.#gap.to === to) this.#gap = null;
          continue;
        }
        await this.#publish(String(next.id), next.text);
        if (this.#queue[0] === next) this.#queue.shift();
        next.onTold();
      }
    } catch (error) {
      if (error instanceof Taken) {
        this.close();
        this.#parts.onTaken();
        return;
      }
      // What waits goes on waiting; the client does not.
      for (const { onTold } of this.#queue) onTold();
    } finally {
      this.#isRunning = false;
    }
  }

  async #publish(id: string, text: string): Promise<void> {
    const { stream } = this.#parts;
    const { js } = stream.connection;
    const msgID = `${this.#parts.session}:${id}`;
    for (;;) {
      try {
        const expect = { lastSubjectSequence: this.#lastSequence };
        const { seq, duplicate } = await js.publish(this.#subject, text, {
          msgID,
          expect,
          headers: stream.headers(),
        });
        // An answer that was lost: it is there already.
        this.#lastSequence = duplicate ? Math.max(seq, this.#lastSequence) : seq;
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
        const last = await this.#last();
        if (last === null) this.#lastSequence = 0;
        else {
          this.#lastSequence = last.seq;
          if (last.header.get('Nats-Msg-Id') === msgID) return;
        }
      }
    }
  }

  /**
   * The session's last message in the stream, where that is not the one that is known: ours, whose answer was lost, or none,
   * for the stream keeps them no longer. Throws `Taken` where it is another server's.
   */
  async #last(): Promise<StoredMsg | null> {
    const { stream } = this.#parts;
    const last = await stream.connection.jsm.streams.getMessage(stream.name, { last_by_subj: this.#subject });
    const isOwn = last === null || last.header.get('Whospeaks-Server') === stream.server;
    if (!isOwn) throw new Taken();
    return last;
  }

  #bound(): void {
    const over = this.#queue.length - FLEET_SETTINGS.mostWaitingEvents;
    if (over <= 0) return;
    // The one that is on its way stays.
    const dropped = this.#queue.splice(this.#isRunning ? 1 : 0, over);
    for (const { onTold } of dropped) onTold();
    const [first, last] = [dropped[0]!.id, dropped.at(-1)!.id];
    this.#gap = { from: this.#gap?.from ?? first, to: last };
    this.#parts.onDropped(dropped.length);
  }
}

/** The session is another server's now. */
class Taken extends Error {}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
