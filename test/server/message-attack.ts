import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { map } from 'rxjs';
import { Random } from '../../src/acoustics/random.js';
import { identify, isWhospeaksError } from '../../src/index.js';
import { chunks } from '../../src/stages.js';
import { ANYBODY } from '../../src/server/access/principal.js';
import { Connection, type ConnectionSettings } from '../../src/server/session/connection.js';
import type { ClientLink } from '../../src/server/session/link.js';
import { SessionRegistry, type MakeSession } from '../../src/server/session/registry.js';
import { Session } from '../../src/server/session/session.js';
import { MessageMutator, type Raw } from './mutate.js';
import { cheapModel } from './support.js';

const CONNECTIONS = 24;
/** Messages between two turns of the event loop. */
const RUN = 500;
const MOST_WAIT_MS = 60_000;

const settings: ConnectionSettings = {
  helloTimeoutSeconds: 10,
  resumeWindowSeconds: 0.01,
  idleTimeoutSeconds: 30,
  maxMessageBytes: 262_144,
  defaultLatencySeconds: 2.5,
  model: cheapModel,
};

/** The far end of a connection that nobody reads. */
class DeafLink implements ClientLink {
  readonly bufferedBytes = 0;
  isOpen = true;
  closeCode = 0;
  lastEvent = 0;
  nextSequence = 0;
  nextWords = 0;
  resume: { session: string; token: string } | null = null;

  send(text: string): void {
    const message = JSON.parse(text) as {
      type: string;
      id?: number;
      session?: string;
      resumeToken?: string;
      nextSequence?: number;
      nextWords?: number;
    };
    this.nextWords = message.nextWords ?? this.nextWords;
    if (message.type === 'event') this.lastEvent = message.id!;
    if (message.type === 'welcome') {
      this.resume = { session: message.session!, token: message.resumeToken! };
      this.nextSequence = message.nextSequence!;
    }
  }

  close(code: number): void {
    this.isOpen = false;
    this.closeCode = code;
  }
}

/**
 * Sessions as the server makes them; most have a pipeline that costs nothing, for the messages are what is tried here,
 * and one in a hundred the real one.
 */
function makeRegistry(mutator: MessageMutator, onFault: (error: unknown) => void): SessionRegistry {
  const make: MakeSession = (id, _, format, nowMs) =>
    new Session(
      {
        id,
        format,
        words: format.words,
        limits: {
          bufferSeconds: 10,
          maxMessageBytes: 262_144,
          resumeWindowSeconds: 0.01,
          audioTimeoutSeconds: 300,
          maxEvents: 64,
          maxEventCharacters: 1e6,
          maxSendBufferBytes: 1_000_000,
        },
        identify: (source, commands) =>
          mutator.chance(0.01)
            ? identify(source, { model: cheapModel, commands })
            : chunks(source).pipe(
                map(({ startSample }) => ({ type: 'silence', startSample, atSample: startSample }) as const),
              ),
        networkWaitSeconds: () => 0,
        speakers: () => [],
        save: () => Promise.resolve(undefined),
        improve: () => undefined,
        onEvent: () => undefined,
        onFault,
        onClosed: () => undefined,
      },
      nowMs,
    );
  return new SessionRegistry({ maxStreams: 200, maxStreamsPerToken: 200, isShared: false }, make, () => null);
}

/** Mutated messages to connections and sessions as the server makes them, with no socket between. */
export class MessageAttack {
  /** What was no refusal with a code: must be none. */
  readonly faults: unknown[] = [];
  /** How often a connection was closed with each code. */
  readonly closeCodes = new Map<number, number>();
  /** Connections that got as far as a session. */
  welcomed = 0;
  readonly #mutator: MessageMutator;
  readonly #registry: SessionRegistry;
  #mutated = 0;
  #lost: DeafLink['resume'] = null;

  constructor(seed: number) {
    this.#mutator = new MessageMutator(new Random(seed));
    this.#registry = makeRegistry(this.#mutator, (error) => this.faults.push(error));
  }

  /** Send so many mutated messages, and well-formed ones between. */
  async run(count: number): Promise<void> {
    const mutator = this.#mutator;
    const open = Array.from({ length: CONNECTIONS }, () => this.#connect());
    this.#mutated = 0;
    for (let i = 0; this.#mutated < count; i++) {
      if (i % RUN === 0) {
        await turn();
        this.#registry.tick(performance.now());
      }
      const at = mutator.int(CONNECTIONS);
      const { link, connection } = open[at]!;
      // A few in a row, as they come out of one TCP segment.
      for (let j = 1 + mutator.int(4); j > 0 && link.isOpen; j--) {
        const message = this.#next(link, connection.session !== null);
        if (typeof message === 'string') connection.onText(message, performance.now());
        else connection.onBinary(message, performance.now());
      }
      if (link.isOpen && !mutator.chance(0.0005)) continue;
      if (connection.session !== null) this.welcomed += 1;
      if (!link.isOpen) this.closeCodes.set(link.closeCode, (this.closeCodes.get(link.closeCode) ?? 0) + 1);
      this.#lost = link.resume;
      connection.onSocketClosed(mutator.pick([1000, 1005, 1006]), performance.now());
      open[at] = this.#connect();
    }
    for (const { connection } of open) connection.onSocketClosed(1000, performance.now());
  }

  /** Until every session is over. Rejects where one stays. */
  async settle(): Promise<void> {
    const endMs = performance.now() + MOST_WAIT_MS;
    for (;;) {
      this.#registry.tick(performance.now());
      const left = this.#registry.all().length;
      if (left === 0) return;
      if (performance.now() > endMs) throw new Error(`${left} sessions never ended`);
      await sleep(20);
    }
  }

  #connect(): { link: DeafLink; connection: Connection } {
    const link = new DeafLink();
    const connection = new Connection(
      {
        link,
        principal: ANYBODY,
        registry: this.#registry,
        settings,
        onClosed: (_, error) => {
          if (!isWhospeaksError(error)) this.faults.push(error);
        },
      },
      performance.now(),
    );
    return { link, connection };
  }

  #next(link: DeafLink, isOpened: boolean): Raw {
    const mutator = this.#mutator;
    if (!isOpened) {
      const first = mutator.hello();
      if (this.#lost !== null && mutator.chance(0.1))
        first.resume = { ...this.#lost, lastEvent: mutator.int(3) };
      // Half get in, so that faults meet sessions in every state; those are not counted.
      if (mutator.chance(0.5)) return JSON.stringify(first);
      this.#mutated += 1;
      return mutator.mutate(first);
    }
    this.#mutated += 1;
    if (mutator.chance(0.9)) {
      const message = mutator.audio(link.nextSequence, mutator.chance(0.003) ? 200_000 : 128);
      link.nextSequence += 1;
      return mutator.chance(0.95) ? message : mutator.mutate(message);
    }
    if (mutator.chance(0.3)) return JSON.stringify(mutator.words(link.nextWords++));
    return mutator.mutate(mutator.control(link.lastEvent, link.nextSequence, link.nextWords));
  }
}
