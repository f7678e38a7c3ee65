import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { makeToken } from '../../src/server/access/tokens.js';
import type { RunningServer } from '../../src/server/index.js';
import { hello, meetingPcm, open, startServer, type Told } from './support.js';

const servers: RunningServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.close();
});
async function started(...args: Parameters<typeof startServer>): Promise<RunningServer> {
  const server = await startServer(...args);
  servers.push(server);
  return server;
}
async function socketTo(server: RunningServer, text = ''): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}
const health = (server: RunningServer): Promise<number> =>
  fetch(`${server.url}/healthz`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(5000),
  }).then(({ status }) => status);

describe('connections that say nothing', () => {
  const slow = {
    'no byte': '',
    'half of the headers': 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-',
    'half of a body': 'PUT /v1/speakers/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nRIFF',
    'half of a body after another offer':
      'PUT /v1/speakers/x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n' +
      'Content-Length: 1000\r\n\r\nRIFF',
  };
  it.each(Object.entries(slow))('shut nobody out: %s', async (_, text) => {
    const server = await started({ maxConnections: 8 });
    const client = await open(server);
    client.send({ ...hello, live: true });
    await client.wait('welcome');
    for (let i = 0; i < 30; i++) await socketTo(server, text);
    await sleep(50);
    expect(await health(server)).toBe(200);
    // The stream is not what makes room.
    client.audio(0, meetingPcm(0.1));
    await client.wait('ack');
  });

  it('a new one is hung up where all are streams', async () => {
    const server = await started({ maxConnections: 2 });
    const clients: Told[] = [await open(server), await open(server)];
    await expect(health(server)).rejects.toThrow();
    clients[0]!.socket.terminate();
    await expect.poll(() => health(server).catch(() => 0), { timeout: 10_000 }).toBe(200);
  });

  it('WebSockets without a hello: the oldest of the same token goes', async () => {
    const [a, b] = [makeToken('a', 'team-a'), makeToken('b', 'team-b')];
    const server = await started({ tokens: [a.record, b.record], requestBurst: 1000 });
    const as = (token: string): Promise<Told> =>
      open(server, { headers: { authorization: `Bearer ${token}` } });
    const other = await as(b.token);
    const first = await as(a.token);
    for (let i = 0; i < 64; i++) await as(a.token);
    expect(await first.closed).toBe(1006);
    expect(other.socket.readyState).toBe(other.socket.OPEN);
  });
});
