import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { map } from 'rxjs';
import { chunks, identify, isWhospeaksError } from '../../src/index.js';
import { ANYBODY } from '../../src/server/access/gatekeeper.js';
import type { RunningServer } from '../../src/server/index.js';
import { Connection, type ConnectionSettings } from '../../src/server/session/connection.js';
import type { ClientLink } from '../../src/server/session/link.js';
import { SessionRegistry, type MakeSession } from '../../src/server/session/registry.js';
import { Session } from '../../src/server/session/session.js';
import { reachableBytes } from '../reachable-bytes.js';
import { Mutator, type Raw } from './mutate.js';
import { sendAll } from './reference-client.js';
import { Random } from '../../src/evaluate/index.js';
import { cheapModel, hello, meetingPcm, open, startServer } from './support.js';

const MESSAGES = 1_000_000;
const SOCKET_MESSAGES = 4000;
const CONNECTIONS = 24;
/** Messages between two turns of the event loop. */
const RUN = 500;

// A stack for each of a million errors is what would cost most here.
Error.stackTraceLimit = 1;
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

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
  resume: { session: string; token: string } | null = null;

  send(text: string): void {
    const message = JSON.parse(text) as {
      type: string;
      id?: number;
      session?: string;
      resumeToken?: string;
      nextSequence?: number;
    };
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
function makeRegistry(mutator: Mutator, onFault: (error: unknown) => void): SessionRegistry {
  const make: MakeSession = (id, _, format, nowMs) =>
    new Session(
      {
        id,
        format,
        limits: {
          bufferSeconds: 10,
          maxMessageBytes: 262_144,
          resumeWindowSeconds: 0.01,
          audioTimeoutSeconds: 300,
          maxEvents: 64,
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
        save: () => Promise.resolve(),
        onEvent: () => undefined,
        onFault,
      },
      nowMs,
    );
  return new SessionRegistry({ maxStreams: 200, maxStreamsPerToken: 200, isShared: false }, make, () => null);
}

describe('mutated messages', () => {
  let server: RunningServer;
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  beforeAll(async () => {
    process.on('unhandledRejection', onRejection);
    server = await startServer({
      maxStreams: 200,
      resumeWindowSeconds: 0.05,
      requestBurst: 10_000,
      requestsPerSecond: 10_000,
    });
  });
  afterAll(async () => {
    await server.close();
    process.removeListener('unhandledRejection', onRejection);
  });

  it(
    `${MESSAGES.toLocaleString('en')} of them end connections, and nothing else`,
    { timeout: 600_000 },
    async () => {
      const mutator = new Mutator(new Random(2026));
      const closeCodes = new Map<number, number>();
      const faults: unknown[] = [];
      let welcomed = 0;
      let lost: DeafLink['resume'] = null;
      const registry = makeRegistry(mutator, (error) => faults.push(error));
      const fresh = (): { link: DeafLink; connection: Connection } => {
        const link = new DeafLink();
        const connection = new Connection(
          {
            link,
            principal: ANYBODY,
            registry,
            settings,
            onClosed: (_, error) => {
              if (!isWhospeaksError(error)) faults.push(error);
            },
          },
          performance.now(),
        );
        return { link, connection };
      };
      const next = (link: DeafLink, isOpened: boolean): Raw => {
        if (!isOpened) {
          const first = mutator.hello();
          if (lost !== null && mutator.chance(0.1)) first.resume = { ...lost, lastEvent: mutator.int(3) };
          // Half get in, so that faults meet sessions in every state; those are not counted.
          if (mutator.chance(0.5)) return JSON.stringify(first);
          mutated += 1;
          return mutator.mutate(first);
        }
        mutated += 1;
        if (mutator.chance(0.9)) {
          const message = mutator.audio(link.nextSequence, mutator.chance(0.003) ? 200_000 : 128);
          link.nextSequence += 1;
          return mutator.chance(0.95) ? message : mutator.mutate(message);
        }
        return mutator.mutate(mutator.control(link.lastEvent, link.nextSequence));
      };

      let mutated = 0;
      const run = async (count: number): Promise<void> => {
        const open = Array.from({ length: CONNECTIONS }, fresh);
        mutated = 0;
        for (let i = 0; mutated < count; i++) {
          if (i % RUN === 0) {
            await turn();
            registry.tick(performance.now());
          }
          const at = mutator.int(CONNECTIONS);
          const { link, connection } = open[at]!;
          // A few in a row, as they come out of one TCP segment.
          for (let j = 1 + mutator.int(4); j > 0 && link.isOpen; j--) {
            const message = next(link, connection.session !== null);
            if (typeof message === 'string') connection.onText(message, performance.now());
            else connection.onBinary(message, performance.now());
          }
          if (link.isOpen && !mutator.chance(0.0005)) continue;
          if (connection.session !== null) welcomed += 1;
          if (!link.isOpen) closeCodes.set(link.closeCode, (closeCodes.get(link.closeCode) ?? 0) + 1);
          lost = link.resume;
          connection.onSocketClosed(mutator.pick([1000, 1005, 1006]), performance.now());
          open[at] = fresh();
        }
        for (const { connection } of open) connection.onSocketClosed(1000, performance.now());
      };
      const settle = async (): Promise<number> => {
        await expect
          .poll(
            () => {
              registry.tick(performance.now());
              return registry.all().length;
            },
            { timeout: 60_000 },
          )
          .toBe(0);
        return reachableBytes(gc, { rounds: 10, waitMs: 50 });
      };

      await run(MESSAGES / 10);
      const before = await settle();
      // Somebody else, who keeps to the protocol, is served all the while.
      const pcm = meetingPcm(20);
      const alone = await sendAll(() => server.port, hello, pcm, 3200);
      const witness = sendAll(() => server.port, hello, pcm, 3200);
      await run((MESSAGES * 9) / 10);
      expect((await witness).events).toEqual(alone.events);
      const after = await settle();

      expect(faults).toEqual([]);
      expect(rejections).toEqual([]);
      expect(welcomed).toBeGreaterThan(1000);
      // Every kind of end was met: an audio fault, a gap, nothing to resume, nonsense.
      for (const code of [4000, 4004, 4005, 4007]) expect([...closeCodes.keys()]).toContain(code);
      expect([...closeCodes.keys()]).not.toContain(4500);
      expect(after - before).toBeLessThan(8 * 1024 * 1024);
    },
  );

  it(
    `${SOCKET_MESSAGES} of them over real sockets, with frames that no WebSocket would send`,
    { timeout: 600_000 },
    async () => {
      const mutator = new Mutator(new Random(7));
      const witness = sendAll(() => server.port, hello, meetingPcm(20), 3200);
      let sent = 0;
      while (sent < SOCKET_MESSAGES) {
        const client = await open(server);
        if (mutator.chance(0.8)) {
          client.send(hello);
          await client.wait('welcome');
        }
        for (let i = 0; i < 40 && client.socket.readyState === WebSocket.OPEN; i++, sent++) {
          const message = mutator.chance(0.5) ? mutator.audio(i, 640) : mutator.mutate(mutator.control(0, i));
          client.socket.send(message);
          if (mutator.chance(0.02))
            rawSocketOf(client.socket).write(new Uint8Array(50).map(() => mutator.int(256)));
          if (mutator.chance(0.01)) await turn();
        }
        client.socket.terminate();
        await client.closed;
      }
      const { events } = await witness;
      expect(events.at(-1)!.type).toBe('end');
      expect(rejections).toEqual([]);
      await expect.poll(() => server.sessions.all().length, { timeout: 60_000 }).toBe(0);
    },
  );
});

/** The TCP socket below, to write what ws would not. */
function rawSocketOf(socket: WebSocket): { write(bytes: Uint8Array): void } {
  return (socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket;
}
