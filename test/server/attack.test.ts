import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../../src/index.js';
import { makeToken } from '../../src/server/access/tokens.js';
import { MAX_SKIPPED_SECONDS } from '../../src/protocol/index.js';
import { readBody } from '../../src/server/http/body.js';
import { within } from '../../src/server/http/recordings.js';
import { AUDIO } from '../helpers.js';
import { started } from './started.js';
import { hello, meetingPcm, open } from './support.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const alice = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));

/** A socket that stays where it is whatever the other side does, after an upgrade. */
async function upgraded(port: number, headers = ''): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(
    'GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
  );
  await once(socket, 'data');
  return socket;
}

describe('one who means harm', () => {
  it('and was refused an upgrade cannot keep the socket', async () => {
    const server = await started({ tokens: [makeToken('a', 'team-a').record], maxConnections: 3 });
    for (let i = 0; i < 3; i++) await upgraded(server.port);
    // Every place was taken by a socket that its owner does not close.
    await expect
      .poll(
        () =>
          fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(2000) }).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 60_000 },
      )
      .toBe(200);
  });

  it('and pings without reading the answers is hung up', async () => {
    const server = await started({ messagesPerSecond: 1_000_000 });
    const socket = await upgraded(server.port);
    socket.pause();
    const ping = Buffer.alloc(6 + 125);
    ping.set([0x89, 0x80 | 125]);
    const many = Buffer.concat(Array.from({ length: 4000 }, () => ping));
    // A reset is how a hang-up shows on a socket that is written to.
    for (let sent = 0; sent < 200 && !socket.destroyed; sent++) {
      socket.write(many);
      await sleep(5);
    }
    expect(socket.destroyed).toBe(true);
  });

  it('and sends a body byte by byte takes no more memory than the body', async () => {
    const bytes = 1000;
    const held = (): number => {
      gc();
      return process.memoryUsage().arrayBuffers;
    };
    const before = held();
    let most = before;
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let i = 0; i < bytes; i++) {
        // As a socket reads it: a byte in a buffer of 64 KiB.
        yield Buffer.alloc(65_536, i % 256).subarray(7, 8);
        if (i % 100 !== 99) continue;
        await sleep(0);
        most = Math.max(most, held());
      }
    }
    const request = Object.assign(Readable.from(pieces(), { objectMode: true, highWaterMark: 1 }), {
      headers: {},
    });
    const body = await readBody(request as unknown as IncomingMessage, 1_000_000);
    // Kept as they came, the pieces hold 65 MB.
    expect(most - before).toBeLessThan(10e6);
    expect(Array.from(body)).toEqual(Array.from({ length: bytes }, (_, i) => i % 256));
  });

  it('and sends a form of many parts, or hours of sound in little ones, is refused', async () => {
    const server = await started({ maxEnrollSeconds: 20 });
    const put = async (parts: readonly Uint8Array<ArrayBuffer>[]): Promise<[number, string]> => {
      const form = new FormData();
      for (const [i, part] of parts.entries()) form.append(`f${i}`, new Blob([part]), `f${i}`);
      const reply = await fetch(`${server.url}/v1/speakers/dora`, { method: 'PUT', body: form });
      return [reply.status, await reply.text()];
    };
    const many = await put(Array.from({ length: 33 }, () => new Uint8Array(1)));
    expect(many).toMatchObject([413, expect.stringContaining('too many parts')]);
    // Each is short enough alone: 12.6 s.
    const long = await put([alice, alice]);
    expect(long).toMatchObject([422, expect.stringContaining('more than 20 s')]);
    expect((await put([alice]))[0]).toBe(201);
  });

  it('and sends minutes of silence in a few bytes holds nobody up', async () => {
    async function* decoded(): AsyncGenerator<AudioChunk> {
      await sleep(0);
      yield { startSample: 0, samples: new Float32Array(60 * 16_000) };
    }
    const source = { live: false, [Symbol.asyncIterator]: decoded };
    let turns = 0;
    let over = false;
    const others = (): void => {
      turns += 1;
      if (!over) setImmediate(others);
    };
    setImmediate(others);
    let samples = 0;
    for await (const chunk of within({ samples: 1e6 }, source, 60)) {
      expect(chunk.startSample).toBe(samples);
      samples += chunk.samples.length;
    }
    over = true;
    expect(samples).toBe(60 * 16_000);
    expect(turns).toBeGreaterThan(200);
  });

  it('and asks or sends too often is slowed down', async () => {
    const server = await started({ requestBurst: 3, requestsPerSecond: 0.01, messagesPerSecond: 20 });
    const client = await open(server);
    client.send(hello);
    await client.wait('welcome');
    const startMs = performance.now();
    for (let i = 0; i < 60; i++) {
      client.audio(i, new Uint8Array(320));
      await sleep(5);
    }
    await client.wait('ack', ({ sequence }) => sequence === 59);
    // 20 at once, the rest at 20 a second.
    expect(performance.now() - startMs).toBeGreaterThan(1500);

    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push(await fetch(`${server.url}/v1/speakers`));
    // The upgrade was one of the three.
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    expect(statuses[3]!.headers.get('retry-after')).toBe('1');
  });

  it('and skips days of a live stream costs nothing', async () => {
    const server = await started();
    const client = await open(server);
    client.send({ ...hello, live: true, sampleRateHz: 8000 });
    await client.wait('welcome');
    const startMs = performance.now();
    for (let i = 0; i < 5; i++) client.audio(i, meetingPcm(0.5), MAX_SKIPPED_SECONDS * 8000);
    client.send({ type: 'end', messages: 5 });
    expect(await client.closed).toBe(1000);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(client.messages.at(-1)).toMatchObject({ event: { type: 'end' } });
  });
});

describe('groups', () => {
  const a = makeToken('a', 'team-a');
  const b = makeToken('b', 'team-b');
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

  it('do not feel how many enrolments another has under way', async () => {
    const server = await started({ tokens: [a.record, b.record] });
    const sockets: Socket[] = [];
    for (let i = 0; i < 4; i++) {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        `PUT /v1/speakers/x${i} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${a.token}\r\n` +
          'Content-Length: 1000\r\n\r\nRIFF',
      );
      sockets.push(socket);
    }
    const put = (name: string, token: string): Promise<Response> =>
      fetch(`${server.url}/v1/speakers/${name}`, { method: 'PUT', body: alice, headers: bearer(token) });
    await expect.poll(async () => (await put('own', a.token)).status, { timeout: 60_000 }).toBe(429);
    expect((await put('alice', b.token)).status).toBe(201);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await put('own', a.token)).status, { timeout: 60_000 }).toBe(201);
  });
});
