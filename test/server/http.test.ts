import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createService, type RunningServer, type Service } from '../../src/server/index.js';
import { faultOf } from '../../src/server/fault.js';
import { AUDIO } from '../helpers.js';
import { cheapModel, enrolExamples, hello, keptLog, open, startServer } from './support.js';

/** Send text as it is and read until the other side closes. */
async function raw(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    socket.write(piece, 'latin1');
    await sleep(20);
  }
  await closed;
  return text;
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)![1]);
const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

/** What Java's HttpClient sends with each request of its own accord. */
const H2C =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA\r\n';

describe('a request that offers another protocol than WebSocket', () => {
  let server: RunningServer;
  let own: Service;
  let ownServer: Server;
  let ownPort: number;
  beforeAll(async () => {
    server = await startServer();
    own = await createService({ maxStreams: 4, logLevel: 'silent' }, { model: cheapModel });
    ownServer = createServer((request, response) => {
      if (request.url!.startsWith('/voices/')) {
        request.url = request.url!.slice('/voices'.length);
        own.onRequest(request, response);
      } else response.end('own');
    });
    ownServer.on('upgrade', (request, socket, head) => {
      request.url = request.url!.slice('/voices'.length);
      own.onUpgrade(request, socket, head);
    });
    ownServer.listen(0, '127.0.0.1');
    await once(ownServer, 'listening');
    ownPort = (ownServer.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await server.close();
    own.close();
    ownServer.close();
    ownServer.closeAllConnections();
  });

  const head = (line: string, more = ''): string =>
    `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${H2C}${more}\r\n`;

  it('is answered as without it', async () => {
    for (const [port, mount] of [
      [server.port, ''],
      [ownPort, '/voices'],
    ] as const) {
      expect(bodyOf(await raw(port, head(`GET ${mount}/healthz`)))).toBe('{"status":"ok"}');
      expect(statusOf(await raw(port, head(`GET ${mount}/v1/speakers`)))).toBe(200);
      expect(statusOf(await raw(port, head(`POST ${mount}/v1/tickets`, 'Content-Length: 0\r\n')))).toBe(201);
      expect(statusOf(await raw(port, head(`GET ${mount}/nowhere`)))).toBe(404);
    }
  });

  it('and has a body, whole, in pieces or asked for', async () => {
    // More than comes with the head.
    const body = `{"name":"carol"${' '.repeat(15_000)}}`;
    for (const port of [server.port, ownPort]) {
      const path = `${port === ownPort ? '/voices' : ''}/v1/speakers/nobody`;
      const request = head(`PATCH ${path}`, `Content-Length: ${body.length}\r\n`);
      expect(await raw(port, request + body.slice(0, 100), body.slice(100))).toContain('speaker-not-found');
    }
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const rename = 'PATCH /v1/speakers/nobody';
    const pieces = await raw(
      server.port,
      head(rename, 'Transfer-Encoding: chunked\r\n'),
      chunk('{"name":'),
      `${chunk('"carol"}')}0\r\n\r\n`,
    );
    expect(statusOf(pieces)).toBe(404);
    const asked = await raw(
      server.port,
      head(rename, 'Content-Length: 16\r\nExpect: 100-continue\r\n'),
      '{"name":"carol"}',
    );
    expect(statusOf(asked)).toBe(100);
    expect(asked).toContain('speaker-not-found');
  });

  it('a WebSocket at the same door is still one', async () => {
    const client = await open({ port: ownPort }, { path: '/voices/v1/stream' });
    client.send(hello);
    await client.wait('welcome');
    client.socket.terminate();
  });
});

describe('methods', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());
  const ask = (method: string, path: string): Promise<Response> => fetch(`${server.url}${path}`, { method });

  it('that a path has not are refused with those that it has', async () => {
    for (const [method, path, allow] of [
      ['DELETE', '/v1/speakers', 'GET, HEAD, OPTIONS'],
      ['POST', '/v1/speakers/alice', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
      ['GET', '/v1/tickets', 'POST, OPTIONS'],
      ['PUT', '/healthz', 'GET, HEAD, OPTIONS'],
      ['POST', '/v1/openapi.json', 'GET, HEAD, OPTIONS'],
      ['POST', '/metrics', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const reply = await ask(method, path);
      expect([path, reply.status, reply.headers.get('allow')]).toEqual([path, 405, allow]);
      expect(await reply.json()).toMatchObject({ error: { code: 'server-not-found' } });
      expect((await ask('OPTIONS', path)).headers.get('allow')).toBe(allow);
    }
    for (const path of ['/v1/speaker', '/v1/speakers/a/b', '/none'])
      expect((await ask('PUT', path)).status).toBe(404);
    expect((await ask('GET', '/v1/stream')).status).toBe(426);
  });

  it('HEAD is GET without the body', async () => {
    for (const path of ['/healthz', '/v1/speakers', '/metrics', '/v1/openapi.json', '/v1/speakers/nobody']) {
      const [head, get] = [await ask('HEAD', path), await ask('GET', path)];
      expect([path, head.status, await head.text()]).toEqual([path, get.status, '']);
      if (path !== '/metrics')
        expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    }
  });
});

describe('logs', () => {
  it('name no speaker, at any level, whatever happens', async () => {
    const log = keptLog();
    const failing = {
      ...cheapModel,
      embedWindow: () => Promise.reject(new Error('the voice of zaphod-beeblebrox is gone')),
    };
    const server = await startServer({}, failing, { logger: log.logger });
    const body = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));
    const name = 'zaphod-beeblebrox';
    const path = `${server.url}/v1/speakers/${name}`;
    expect((await fetch(path, { method: 'PUT', body })).status).toBe(500);
    await fetch(path);
    await fetch(path, { method: 'POST' });
    await fetch(path, { method: 'PATCH', body: JSON.stringify({ name: `${name}-2` }) });
    await fetch(`${server.url}/v1/speaker/${name}`);
    await fetch(`${server.url}/${name}`);
    const client = await open(server);
    client.send({ ...hello, live: true });
    const { session } = await client.wait('welcome');
    await fetch(`${server.url}/v1/sessions/${session}/names`, {
      method: 'POST',
      body: JSON.stringify({ label: 'unknown-1', speaker: name }),
    });
    client.send({ type: 'name', label: name, speaker: name });
    client.socket.terminate();
    await server.close();
    expect(log.text()).toContain('a request failed');
    expect(log.text()).toContain('/v1/speakers/:');
    expect(log.text()).not.toContain('zaphod');
  });

  it('a fault is told by its kind and place, without its words', () => {
    const cause = Object.assign(new Error('no space left, open /data/alice.json'), {
      code: 'ENOSPC',
      syscall: 'open',
    });
    const fault = faultOf(new TypeError('alice\n    at alice', { cause }));
    expect(fault).toMatchObject({ type: 'TypeError', cause: { code: 'ENOSPC', syscall: 'open' } });
    expect(fault.stack![0]).toContain('http.test.ts');
    expect(JSON.stringify(fault)).not.toContain('alice');
    expect(faultOf('alice')).toEqual({ type: 'string' });
  });

  it('a client that hangs up is no fault', async () => {
    const log = keptLog();
    const server = await startServer({}, cheapModel, { logger: log.logger });
    const before = log.text().length;
    for (const head of [
      'Content-Length: 1000\r\n\r\nRIFF',
      'Transfer-Encoding: chunked\r\n\r\n4\r\nRIFF\r\n',
    ]) {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(`PUT /v1/speakers/x HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}`);
      await sleep(100);
      socket.resetAndDestroy();
    }
    await expect.poll(() => log.text().split('"aborted"').length - 1).toBe(2);
    const lines = log.text().slice(before).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { level: number }).level)).toEqual([20, 20]);
    await server.close();
  });
});

describe('a page of another site', () => {
  let server: RunningServer;
  beforeAll(async () => {
    const webFolder = mkdtempSync(join(tmpdir(), 'whospeaks-test-'));
    writeFileSync(join(webFolder, 'index.html'), '<!doctype html>');
    const settings = { allowedOrigins: ['https://app.example.com'] };
    server = await startServer(settings, cheapModel, { webFolder });
    await enrolExamples(server);
  });
  afterAll(() => server.close());

  // `fetch` sets Sec-Fetch-Mode itself; a browser's requests are written out.
  const embed = (path: string, site: string, more = ''): Promise<string> =>
    raw(
      server.port,
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nSec-Fetch-Site: ${site}\r\n${more}\r\n`,
    );

  it('is not told by what it embeds whether a name is enrolled, or anything else', async () => {
    for (const site of ['cross-site', 'same-site']) {
      for (const dest of ['object', 'iframe', 'image', 'script', 'document']) {
        const mode = dest === 'image' || dest === 'script' ? 'no-cors' : 'navigate';
        const more = `Sec-Fetch-Mode: ${mode}\r\nSec-Fetch-Dest: ${dest}\r\n`;
        const answers = await Promise.all(
          ['alice', 'nobody'].map((name) => embed(`/v1/speakers/${name}`, site, more)),
        );
        const [enrolled, not] = answers.map((answer) => answer.replace(/^Date: .*$/m, ''));
        expect(statusOf(enrolled!)).toBe(403);
        expect(enrolled).toBe(not);
      }
      for (const path of ['/v1/speakers', '/v1/sessions', '/metrics', '/none', '/v1/stream']) {
        expect([path, statusOf(await embed(path, site))]).toEqual([path, 403]);
      }
    }
  });

  it('may link to the page, and its own requests go through', async () => {
    const link = 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n';
    expect(statusOf(await embed('/', 'cross-site', link))).toBe(200);
    expect(statusOf(await embed('/v1/openapi.json', 'cross-site', link))).toBe(200);
    const frame = 'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n';
    expect(statusOf(await embed('/v1/openapi.json', 'cross-site', frame))).toBe(403);
    for (const site of ['same-origin', 'none']) {
      expect(statusOf(await embed('/v1/speakers/alice', site, link))).toBe(200);
    }
    const allowed = 'Origin: https://app.example.com\r\nSec-Fetch-Mode: cors\r\n';
    expect(statusOf(await embed('/v1/speakers/alice', 'cross-site', allowed))).toBe(200);
  });

  it('every answer forbids to be embedded and read: errors, pages, refusals', async () => {
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n';
    const request = (line: string, more = ''): Promise<string> =>
      raw(server.port, `${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more || 'Connection: close\r\n'}\r\n`);
    const answers = {
      200: await request('GET /healthz'),
      201: await request('POST /v1/tickets'),
      204: await request('OPTIONS /v1/speakers'),
      404: await request('GET /none'),
      405: await request('PUT /v1/speakers'),
      426: await request('GET /v1/stream'),
      403: await embed('/v1/speakers', 'cross-site'),
      400: await raw(server.port, 'no http\r\n\r\n'),
      431: await raw(server.port, `GET / HTTP/1.1\r\nHost: x\r\na: ${'x'.repeat(20_000)}\r\n\r\n`),
      'the page': await request('GET /'),
      'a document': await request('GET /v1/asyncapi.json'),
      metrics: await request('GET /metrics'),
      'an upgrade elsewhere': await request('GET /none', upgrade),
      'an upgrade of another version': await request(
        'GET /v1/stream',
        `${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 7\r\n`,
      ),
      'an upgrade that expects': await request('GET /healthz', 'Connection: close\r\nExpect: wonders\r\n'),
    };
    for (const [what, answer] of Object.entries(answers)) {
      if (/^\d+$/.test(what)) expect([what, String(statusOf(answer))]).toEqual([what, what]);
      expect([what, answer]).toEqual([
        what,
        expect.stringMatching(/^cross-origin-resource-policy: same-origin\r$/im),
      ]);
      expect([what, answer]).toEqual([
        what,
        expect.stringMatching(/^content-security-policy: .*frame-ancestors 'none'\r$/im),
      ]);
    }
  });
});
