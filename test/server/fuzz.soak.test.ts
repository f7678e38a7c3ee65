import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Random } from '../../src/acoustics/random.js';
import type { RunningServer } from '../../src/server/index.js';
import { reachableBytes } from '../reachable-bytes.js';
import { MessageAttack } from './message-attack.js';
import { MessageMutator } from './mutate.js';
import { sendAll } from './reference-client.js';
import { hello, meetingPcm, open, startServer } from './support.js';

const MESSAGES = 1_000_000;
const SOCKET_MESSAGES = 4000;

// A stack for each of a million errors is what would cost most here.
Error.stackTraceLimit = 1;
setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

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
      const attack = new MessageAttack(2026);
      const settled = async (): Promise<number> => {
        await attack.settle();
        return reachableBytes(gc, { rounds: 10, waitMs: 50 });
      };

      await attack.run(MESSAGES / 10);
      const before = await settled();
      // Somebody else, who keeps to the protocol, is served all the while.
      const pcm = meetingPcm(20);
      const alone = await sendAll(() => server.port, hello, pcm, 3200);
      const witness = sendAll(() => server.port, hello, pcm, 3200);
      await attack.run((MESSAGES * 9) / 10);
      expect((await witness).events).toEqual(alone.events);
      const after = await settled();

      expect(attack.faults).toEqual([]);
      expect(rejections).toEqual([]);
      expect(attack.welcomed).toBeGreaterThan(1000);
      // Every kind of end was met: an audio fault, a gap, nothing to resume, nonsense.
      for (const code of [4000, 4004, 4005, 4007]) expect([...attack.closeCodes.keys()]).toContain(code);
      expect([...attack.closeCodes.keys()]).not.toContain(4500);
      expect(after - before).toBeLessThan(8 * 1024 * 1024);
    },
  );

  it(
    `${SOCKET_MESSAGES} of them over real sockets, with frames that no WebSocket would send`,
    { timeout: 600_000 },
    async () => {
      const mutator = new MessageMutator(new Random(7));
      const witness = sendAll(() => server.port, hello, meetingPcm(20), 3200);
      let sent = 0;
      while (sent < SOCKET_MESSAGES) {
        const client = await open(server);
        if (mutator.chance(0.8)) {
          client.send(hello);
          await client.wait('welcome');
        }
        for (let i = 0; i < 40 && client.socket.readyState === WebSocket.OPEN; i++, sent++) {
          const message = mutator.chance(0.5)
            ? mutator.audio(i, 640)
            : mutator.mutate(mutator.control(0, i, 0));
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
