import { mkdtempSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TicketBook } from '../../src/server/access/tickets.js';
import { TokenBook, makeToken } from '../../src/server/access/tokens.js';
import { loadConfig, type RunningServer } from '../../src/server/index.js';
import { tokensOf } from '../../src/server/load-config.js';
import { AUDIO, whospeaks } from '../helpers.js';
import { hello, open, startServer } from './support.js';

const a = makeToken('a-1', 'team-a');
const b = makeToken('b-1', 'team-b');
const operator = makeToken('root', 'ops');
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

describe('tokens', () => {
  let server: RunningServer;
  let dataFolder: string;
  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'whospeaks-test-'));
    server = await startServer({
      dataFolder,
      tokens: [{ ...a.record, maxStreams: 1 }, b.record, { ...operator.record, operator: true }],
      allowedOrigins: ['https://app.example.com'],
    });
  });
  afterAll(() => server.close());
  const ask = (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, { ...init, headers: { ...bearer(token) } });

  it('are needed, and a wrong one is told nothing', async () => {
    for (const headers of [
      {},
      bearer('wrong'),
      bearer('x'.repeat(10_000)),
      { authorization: 'Basic YTpi' },
    ]) {
      const reply = await fetch(`${server.url}/v1/speakers`, { headers });
      expect(reply.status).toBe(401);
      expect(await reply.json()).toMatchObject({ error: { code: 'server-unauthorized' } });
    }
    await expect(open(server)).rejects.toThrow('401');
  });

  it('let a program in by header and a browser by a ticket that works once', async () => {
    const program = await open(server, { headers: bearer(b.token) });
    program.send(hello);
    expect(await program.wait('welcome')).toMatchObject({ group: 'team-b' });
    program.socket.close(1000);

    const reply = await ask('/v1/tickets', b.token, { method: 'POST' });
    expect(reply.status).toBe(201);
    const { ticket } = (await reply.json()) as { ticket: string };
    const protocols = ['whospeaks.v1', `whospeaks.ticket.${ticket}`];
    const browser = await open(server, { protocols });
    expect(browser.socket.protocol).toBe('whospeaks.v1');
    browser.socket.terminate();
    await expect(open(server, { protocols })).rejects.toThrow('401');
  });

  it('see their own group alone: speakers, sessions, streams, metrics', async () => {
    const body = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));
    expect((await ask('/v1/speakers/alice', a.token, { method: 'PUT', body })).status).toBe(201);
    expect(await (await ask('/v1/speakers', b.token)).json()).toMatchObject({
      group: 'team-b',
      speakers: [],
    });
    for (const [method, init] of [
      ['GET', {}],
      ['DELETE', {}],
      ['PATCH', { body: '{"name":"eve"}' }],
    ] as const) {
      const theirs = await ask('/v1/speakers/alice', b.token, { method, ...init });
      const nobodys = await ask('/v1/speakers/xenia', b.token, { method, ...init });
      expect(theirs.status).toBe(404);
      expect((await theirs.text()).replace('alice', 'xenia')).toBe(await nobodys.text());
    }
    const stream = await open(server, { headers: bearer(a.token) });
    stream.send(hello);
    const { session, resumeToken, speakers } = await stream.wait('welcome');
    expect(speakers).toEqual(['alice']);
    expect(await (await ask('/v1/sessions', b.token)).json()).toEqual({ sessions: [] });
    const naming = { method: 'POST', body: '{"label":"unknown-1","speaker":"eve"}' };
    expect((await ask(`/v1/sessions/${session}/names`, b.token, naming)).status).toBe(404);
    const thief = await open(server, { headers: bearer(b.token) });
    thief.send({ ...hello, resume: { session, token: resumeToken, lastEvent: 0 } });
    expect(await thief.closed).toBe(4004);
    const wrongGroup = await open(server, { headers: bearer(b.token) });
    wrongGroup.send({ ...hello, group: 'team-a' });
    expect(await wrongGroup.closed).toBe(4003);

    const own = await (await ask('/metrics', b.token)).text();
    expect(own).toContain('group="team-b"');
    expect(own).not.toContain('team-a');
    expect(own).not.toContain('whospeaks_network_windows');
    expect(await (await ask('/metrics', operator.token)).text()).toContain(
      'whospeaks_streams{group="team-a"} 1',
    );

    const second = await open(server, { headers: bearer(a.token) });
    second.send(hello);
    expect(await second.wait('error')).toMatchObject({ code: 'server-limit', retryAfterSeconds: 5 });
    expect(await second.closed).toBe(4029);
    stream.socket.close(1000);
  });

  it('do not help a page of a foreign origin', async () => {
    const foreign = { ...bearer(a.token), origin: 'https://evil.example.com' };
    expect((await fetch(`${server.url}/v1/speakers`, { headers: foreign })).status).toBe(403);
    await expect(open(server, { headers: foreign })).rejects.toThrow('403');
    const allowed = await fetch(`${server.url}/v1/speakers`, {
      headers: { ...bearer(a.token), origin: 'https://app.example.com' },
    });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  });
});

describe('without tokens', () => {
  it('only names of this machine lead to the server', async () => {
    const server = await startServer();
    await expect(open(server, { headers: { host: 'evil.example.com' } })).rejects.toThrow('403');
    await server.close();
  });

  it('it will not listen beyond this machine', () => {
    expect(() => loadConfig({ flags: { host: '0.0.0.0' } })).toThrow(/without a token/);
  });
});

describe('settings', () => {
  it('come from flags, environment and file, in that order, and are checked', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'whospeaks-test-')), 'config.json');
    writeFileSync(file, '{"port": 1, "maxStreams": 3, "bufferSeconds": 4}');
    const env = { WHOSPEAKS_SERVE_PORT: '2', WHOSPEAKS_SERVE_MAX_STREAMS: '5' };
    expect(loadConfig({ file, env, flags: { port: '9' } })).toMatchObject({
      port: 9,
      maxStreams: 5,
      bufferSeconds: 4,
    });
    expect(() => loadConfig({ env: { WHOSPEAKS_SERVE_PROT: '2' } })).toThrow(/PROT is not a setting/);
    expect(() => loadConfig({ flags: { port: '70000' } })).toThrow(/"port"/);
    expect(() => loadConfig({ flags: { tlsCert: 'a.pem' } })).toThrow(/belong together/);
    writeFileSync(file, '{"prot": 1}');
    expect(() => loadConfig({ file })).toThrow(/unknown setting "prot"/);
  });

  it('a token is printed once, and only its hash is kept', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'whospeaks-test-')), 'tokens.json');
    const { stdout, code } = await whospeaks(['token', '--file', file, '--group', 'team-a']);
    expect(code).toBe(0);
    expect(readFileSync(file, 'utf8')).not.toContain(stdout.trim());
    const tokens = tokensOf(loadConfig({ flags: { tokensFile: file, host: '0.0.0.0' } }));
    expect(new TokenBook(tokens).verify(stdout.trim())).toMatchObject({
      principal: { group: 'team-a', isOperator: false },
    });
  });
});

describe('tickets', () => {
  it('expire, work once, and are bounded', () => {
    const book = new TicketBook(30);
    const anna = { tokenId: 'anna', group: 'g', isOperator: false };
    const ticket = book.issue(anna, 0);
    expect(book.redeem(ticket, 29_999)).toEqual(anna);
    expect(book.redeem(ticket, 29_999)).toBeNull();
    expect(book.redeem(book.issue(anna, 0), 30_000)).toBeNull();
    for (let i = 0; i < 100; i++) book.issue(anna, 1);
    expect(() => book.issue(anna, 1)).toThrow(/too many tickets/);
    expect(() => book.issue(anna, 30_002)).not.toThrow();
    expect(book.size).toBe(1);
  });
});
