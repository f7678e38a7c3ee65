import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isWhospeaksError } from '../../src/index.js';
import { ANYBODY } from '../../src/server/access/gatekeeper.js';
import type { RunningServer } from '../../src/server/index.js';
import { Connection, type ConnectionSettings } from '../../src/server/session/connection.js';
import type { ClientLink } from '../../src/server/session/link.js';
import { Mutator, type Raw } from './mutate.js';
import { sendAll } from './reference-client.js';
import { cheapModel, hello, meetingPcm, open, random, startServer } from './support.js';

const MESSAGES = Number(process.env.FUZZ ?? 1_000_000);
const SOCKET_MESSAGES = 4000;
const CONNECTIONS = 24;
/** Messages between two turns of the event loop. */
const RUN = 500;

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

  it(`${MESSAGES.toLocaleString('en')} of them end connections, and nothing else`, async () => {
    const mutator = new Mutator(random(2026));
    const closeCodes = new Map<number, number>();
    const faults: unknown[] = [];
    const told = { ended: 0, welcomed: 0 };
    let lost: DeafLink['resume'] = null;
    const fresh = (): { link: DeafLink; connection: Connection } => {
      const link = new DeafLink();
      const connection = new Connection(
        {
          link,
          principal: ANYBODY,
          registry: server.sessions,
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
        return mutator.chance(0.6) ? JSON.stringify(first) : mutator.mutate(first);
      }
      if (mutator.chance(0.9)) {
        // Mostly what a client that works would send, so that faults meet sessions in every state.
        const message = mutator.audio(link.nextSequence, mutator.chance(0.0005) ? 100_000 : 128);
        if (mutator.chance(0.97)) {
          link.nextSequence += 1;
          return message;
        }
        return mutator.mutate(message);
      }
      const control = mutator.control(link.lastEvent, link.nextSequence);
      return control.type === 'end' || control.type === 'hello' || mutator.chance(0.3)
        ? mutator.mutate(control)
        : JSON.stringify(control);
    };

    const run = async (count: number): Promise<void> => {
      const open = Array.from({ length: CONNECTIONS }, fresh);
      for (let i = 0; i < count; i++) {
        if (i % RUN === 0) {
          await turn();
          server.sessions.tick(performance.now());
        }
        const at = mutator.int(CONNECTIONS);
        const { link, connection } = open[at]!;
        const message = next(link, connection.session !== null);
        if (typeof message === 'string') connection.onText(message, performance.now());
        else connection.onBinary(message, performance.now());
        if (link.isOpen && !mutator.chance(0.0005)) continue;
        told.ended += 1;
        if (connection.session !== null) told.welcomed += 1;
        closeCodes.set(link.closeCode, (closeCodes.get(link.closeCode) ?? 0) + 1);
        lost = link.resume;
        connection.onSocketClosed(mutator.pick([1000, 1005, 1006]), performance.now());
        open[at] = fresh();
      }
      for (const { connection } of open) connection.onSocketClosed(1000, performance.now());
    };
    const settle = async (): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(server.sessions.all()).toHaveLength(0);
      gc();
      return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
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
    expect(told.welcomed).toBeGreaterThan(1000);
    // Every kind of end was met: an audio fault, a gap, too much, nonsense.
    for (const code of [4000, 4004, 4005, 4006, 4007]) expect([...closeCodes.keys()]).toContain(code);
    expect([...closeCodes.keys()]).not.toContain(4500);
    expect(after - before).toBeLessThan(8 * 1024 * 1024);
  });

  it(`${SOCKET_MESSAGES} of them over real sockets, with frames that no WebSocket would send`, async () => {
    const mutator = new Mutator(random(7));
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
    await expect.poll(() => server.sessions.all().length, { timeout: 5000 }).toBe(0);
  });
});

/** The TCP socket below, to write what ws would not. */
function rawSocketOf(socket: WebSocket): { write(bytes: Uint8Array): void } {
  return (socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket;
}
