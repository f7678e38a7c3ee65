import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeToken, TokenBook, type TokenRecord } from '../../src/server/access/tokens.js';
import { voiceId } from '../../src/server/audit.js';
import { AUDIO } from '../helpers.js';
import { cheapModel, enrolExamples, hello, keptLog, meetingPcm, open, PATIENT } from './support.js';
import { started } from './started.js';

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const linesOf = (log: { text(): string }): Record<string, unknown>[] =>
  log
    .text()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** A tokens file, and how to put another in its place. */
function tokensFile(tokens: readonly TokenRecord[]) {
  const file = join(mkdtempSync(join(tmpdir(), 'whospeaks-test-')), 'tokens.json');
  const write = (now: readonly TokenRecord[]): void => {
    writeFileSync(`${file}.new`, JSON.stringify({ tokens: now }));
    renameSync(`${file}.new`, file);
  };
  write(tokens);
  return { file, write };
}

describe('tokens while the server runs', () => {
  const a = makeToken('a-1', 'team-a');
  const b = makeToken('b-1', 'team-b');

  it('a new one works, of a new group too, without a restart; a revoked one ends its streams', async () => {
    const tokens = tokensFile([a.record]);
    const server = await started({ tokensFile: tokens.file });
    const list = (token: string): Promise<Response> =>
      fetch(`${server.url}/v1/speakers`, { headers: bearer(token) });
    expect((await list(b.token)).status).toBe(401);
    const stream = await open(server, { headers: bearer(a.token) });
    stream.send(hello);
    await stream.wait('welcome');
    tokens.write([b.record]);
    await expect.poll(async () => (await list(b.token)).status, { timeout: 10_000 }).toBe(200);
    expect((await list(a.token)).status).toBe(401);
    expect(await stream.wait('error')).toMatchObject({ code: 'server-unauthorized', fatal: true });
    expect(await stream.closed).toBe(4003);
    await expect.poll(() => server.sessions.running).toBe(0);

    // The last is revoked: nobody is let in, and not everybody.
    tokens.write([]);
    await expect.poll(async () => (await list(b.token)).status, { timeout: 10_000 }).toBe(401);
  });

  it('one that is revoked while the server starts does not stay, and a file that a reload names is followed', async () => {
    const tokens = tokensFile([a.record]);
    const starting = started({ tokensFile: tokens.file });
    tokens.write([b.record]);
    const server = await starting;
    const status = async (token: string): Promise<number> =>
      (await fetch(`${server.url}/v1/speakers`, { headers: bearer(token) })).status;
    await expect.poll(() => status(a.token), { timeout: 10_000 }).toBe(401);
    expect(await status(b.token)).toBe(200);
    const others = tokensFile([a.record]);
    await server.reload({ tokensFile: others.file });
    expect(await status(a.token)).toBe(200);
    others.write([b.record]);
    await expect.poll(() => status(a.token), { timeout: 10_000 }).toBe(401);
  });

  it('a file that cannot be read changes nothing, and is told', async () => {
    const log = keptLog();
    const tokens = tokensFile([a.record]);
    const server = await started({ tokensFile: tokens.file }, cheapModel, { logger: log.logger });
    writeFileSync(tokens.file, '{"tokens": [');
    await expect.poll(() => log.text(), { timeout: 10_000 }).toContain('those before stay');
    expect((await fetch(`${server.url}/v1/speakers`, { headers: bearer(a.token) })).status).toBe(200);
  });

  it('expire: then they open nothing, whoever is in goes out, and the log says why', async () => {
    const log = keptLog();
    const expiresAt = new Date(Date.now() + 1500).toISOString();
    const server = await started({ tokens: [{ ...a.record, expiresAt }] }, cheapModel, {
      logger: log.logger,
    });
    const stream = await open(server, { headers: bearer(a.token) });
    stream.send(hello);
    await stream.wait('welcome');
    expect(await stream.closed).toBe(4003);
    const reply = await fetch(`${server.url}/v1/speakers`, { headers: bearer(a.token) });
    expect(reply.status).toBe(401);
    expect(await reply.text()).toContain('expired');
    expect(linesOf(log)).toContainEqual(
      expect.objectContaining({
        msg: 'a login was refused',
        reason: 'the token has expired',
        token: 'a-1',
        code: 'server-unauthorized',
        from: expect.stringContaining('127.0.0.1') as string,
      }),
    );
  });

  it('a token whose group changed is another token', () => {
    const book = new TokenBook([a.record]);
    const before = book.verify(a.token);
    if (!('principal' in before)) throw new Error('it was refused');
    expect(book.isValid(before.principal)).toBe(true);
    book.replace([{ ...a.record, group: 'team-b' }], false);
    expect(book.isValid(before.principal)).toBe(false);
  });
});

describe('reload', () => {
  it('takes origins over, leaves a log that was handed in alone, and says what waits for a restart', async () => {
    const log = keptLog();
    const settings = { port: 0, maxStreams: 4, dataFolder: mkdtempSync(join(tmpdir(), 'whospeaks-test-')) };
    const server = await started(settings, cheapModel, { logger: log.logger });
    const ask = async (): Promise<number> =>
      (await fetch(`${server.url}/v1/speakers`, { headers: { origin: 'https://app.example.com' } })).status;
    expect(await ask()).toBe(403);
    const now = { ...settings, allowedOrigins: ['https://app.example.com'], maxStreams: 9 };
    expect(await server.reload({ ...now, ...PATIENT, logLevel: 'warn' })).toEqual(['maxStreams']);
    expect(await ask()).toBe(200);
    expect(log.logger.level).toBe('trace');
    await expect(server.reload({ ...now, host: '0.0.0.0' })).rejects.toMatchObject({ code: 'server-config' });
    expect(await ask()).toBe(200);
  });
});

describe('the log', () => {
  it('has a line for each refused login and origin, with the reason, and no end of them', async () => {
    const log = keptLog();
    const { record } = makeToken('a-1', 'team-a');
    const server = await started({ tokens: [record] }, cheapModel, { logger: log.logger });
    await fetch(`${server.url}/v1/speakers`);
    await fetch(`${server.url}/v1/speakers`, { headers: bearer('wrong-token') });
    await fetch(`${server.url}/v1/speakers`, { headers: { origin: 'https://evil.example.com' } });
    await open(server, { protocols: ['whospeaks.v1', 'whospeaks.ticket.wrong-ticket'] }).catch(
      () => undefined,
    );
    const refused = linesOf(log).filter(({ msg }) => String(msg).endsWith('was refused'));
    expect(refused.map(({ msg, reason, origin }) => [msg, reason, origin])).toEqual([
      ['a login was refused', 'no token was sent', undefined],
      ['a login was refused', 'the token is unknown', undefined],
      [
        'an origin was refused',
        'the page is of an origin that is not in allowedOrigins',
        'https://evil.example.com',
      ],
      ['a login was refused', 'the ticket is unknown, used or too old', undefined],
    ]);
    expect(log.text()).not.toMatch(/wrong-t/);
    for (let i = 0; i < 60; i++) await fetch(`${server.url}/v1/speakers`);
    expect(log.text().split('was refused').length).toBeLessThan(40);
  });

  it('says who enrolled, replaced, renamed, named and removed which voice', async () => {
    const log = keptLog();
    const { token, record } = makeToken('anna', 'team-a');
    const server = await started({ tokens: [record] }, cheapModel, { logger: log.logger });
    const change = (name: string, init: RequestInit): Promise<Response> =>
      fetch(`${server.url}/v1/speakers/${name}`, { ...init, headers: bearer(token) });
    const body = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));
    await change('alice', { method: 'PUT', body });
    await change('alice?existing=replace', { method: 'PUT', body });
    expect((await change('alice', { method: 'PATCH', body: '{"name":"Alice B."}' })).status).toBe(200);
    expect((await change('alice', { method: 'PATCH', body: '{"name":"Alice B."}' })).status).toBe(404);
    expect((await change('Alice B.', { method: 'DELETE' })).status).toBe(204);
    const lines = linesOf(log).filter(({ audit }) => audit !== undefined);
    const who = { token: 'anna', group: 'team-a' };
    const alice = voiceId('team-a', 'alice');
    const now = voiceId('team-a', 'alice b.');
    expect(lines).toMatchObject([
      { audit: 'enrolled', voice: alice, ...who },
      { audit: 'replaced', voice: alice, ...who },
      { audit: 'renamed', voice: alice, newVoice: now, ...who },
      { audit: 'removed', voice: now, ...who },
    ]);
    expect(log.text().toLowerCase()).not.toContain('alice');
  });

  it('has the names too where that is asked for', async () => {
    const log = keptLog();
    const server = await started({ auditNames: true }, cheapModel, { logger: log.logger });
    await enrolExamples(server);
    const lines = linesOf(log).filter(({ audit }) => audit !== undefined);
    expect(lines).toMatchObject([
      { audit: 'enrolled', speaker: 'alice', token: 'anybody', group: 'default' },
      { audit: 'enrolled', speaker: 'bob' },
    ]);
  });

  it('"stream closed" follows "stream opened", and says how it ended', async () => {
    const log = keptLog();
    const server = await started({ resumeWindowSeconds: 0.2 }, cheapModel, { logger: log.logger });
    const ended = await open(server);
    ended.send(hello);
    const { session } = await ended.wait('welcome');
    ended.audio(0, meetingPcm(1));
    ended.send({ type: 'end', messages: 1 });
    await ended.closed;
    const lost = await open(server);
    lost.send(hello);
    const { session: gone } = await lost.wait('welcome');
    lost.audio(0, meetingPcm(1));
    await lost.wait('ack');
    lost.socket.terminate();
    await expect.poll(() => log.text()).toContain('abandoned');
    const streams = linesOf(log).filter(({ msg }) => String(msg).startsWith('stream '));
    expect(streams).toMatchObject([
      { msg: 'stream opened', session, group: 'default' },
      { msg: 'stream closed', session, outcome: 'done', seconds: 1 },
      { msg: 'stream opened', session: gone },
      { msg: 'stream closed', session: gone, outcome: 'abandoned' },
    ]);
  });
});

describe('basePath', () => {
  it('everything lies below it, and nothing beside it', async () => {
    const server = await started({ basePath: '/voices/' });
    const described = async (name: string): Promise<unknown> =>
      (await fetch(`${server.url}/v1/${name}.json`)).json();
    expect(await described('openapi')).toMatchObject({ servers: [{ url: '/voices' }] });
    expect(await described('asyncapi')).toMatchObject({
      channels: { stream: { address: '/voices/v1/stream' } },
    });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/voices`);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    for (const path of ['/readyz', '/v1/speakers', '/voicesX/readyz', '/'])
      expect((await fetch(`http://127.0.0.1:${server.port}${path}`)).status).toBe(404);
    await enrolExamples(server);
    const stream = await open(server, { path: '/voices/v1/stream' });
    stream.send(hello);
    expect(await stream.wait('welcome')).toMatchObject({ speakers: ['alice', 'bob'] });
    await expect(open(server)).rejects.toThrow('404');
  });
});
