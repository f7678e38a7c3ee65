import { createHmac } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { checkConfig } from '../../../src/server/load-config.js';
import { UrlPolicy } from '../../../src/server/recordings/url-policy.js';
import { Call } from '../../../src/server/telephony/call.js';
import { webhookSchema } from '../../../src/server/telephony/call-messages.js';
import { Webhooks } from '../../../src/server/telephony/webhooks.js';
import { started } from '../started.js';
import { keptLog } from '../support.js';
import { FakeProvider } from './fake-provider.js';

type Posted = z.output<typeof webhookSchema>;

const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;

function file(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'whospeaks-test-')), name);
  writeFileSync(path, text);
  return path;
}

interface Receiver {
  readonly url: string;
  readonly posts: Posted[];
  /** `webhook-id` of every request, also of those that were refused. */
  readonly ids: string[];
  /** Status of the next answers; 200 once it is empty. 0: none at all. */
  readonly answers: number[];
}

/** A receiver that checks the signature as Standard Webhooks says, and the body by its schema. */
async function receiver(): Promise<Receiver> {
  const posts: Posted[] = [];
  const ids: string[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString();
      const isGood = isSigned(request.headers, body);
      ids.push(String(request.headers['webhook-id']));
      const status = isGood ? (answers.shift() ?? 200) : 401;
      if (status === 200) posts.push(webhookSchema.parse(JSON.parse(body)));
      if (status === 0) request.socket.destroy();
      else response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/calls?key=1`,
    posts,
    ids,
    answers,
  };
}

function isSigned(headers: IncomingHttpHeaders, body: string): boolean {
  const [id, time] = [String(headers['webhook-id']), String(headers['webhook-timestamp'])];
  const expected = createHmac('sha256', KEY).update(`${id}.${time}.${body}`).digest('base64');
  return (
    headers['webhook-signature'] === `v1,${expected}` && Math.abs(Date.now() / 1000 - Number(time)) < 300
  );
}

const messages = (posts: readonly Posted[]): Posted['messages'][number][] =>
  posts.flatMap((post) => post.messages);
const sound = { inbound: new Float32Array(40_000) };
const settings = { maxLiveSpeed: 100, bufferSeconds: 60 };

describe('the webhook of calls', () => {
  it('is posted all that is told, signed and in order, whatever it answers first', async () => {
    const { url, posts, ids, answers } = await receiver();
    answers.push(500, 302, 0);
    const server = await started({
      ...settings,
      telephonyWebhook: url,
      telephonyWebhookSecretFile: file('secret', `${SECRET}\n`),
    });
    const phone = await FakeProvider.play({ port: server.port, sound });
    await expect.poll(() => messages(posts).at(-1)?.type, { timeout: 20_000 }).toBe('ended');
    const told = messages(posts);
    expect(told.map(({ id }) => id)).toEqual(told.map((_, i) => i + 1));
    expect(told[0]).toMatchObject({ type: 'started', call: phone.call });
    expect(told.filter(({ type }) => type === 'event')).not.toEqual([]);
    expect(
      posts.every(({ call, group, missed }) => call === phone.call && group === 'default' && missed === null),
    ).toBe(true);
    // One request, tried until it is taken.
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(new Set(ids).size).toBe(posts.length);
  });

  it('waits for receivers of its own group alone that do not answer', async () => {
    const groups: string[] = [];
    const server = createServer((request, response) => {
      void request.toArray().then((pieces: Buffer[]) => {
        groups.push(webhookSchema.parse(JSON.parse(Buffer.concat(pieces).toString())).group);
        setTimeout(() => response.writeHead(503).end(), 200);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webhooks = new Webhooks({
      key: KEY,
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      policy: new UrlPolicy([]),
      logger: pino({ level: 'silent' }),
      nowMs: () => performance.now(),
      onUntold: () => undefined,
      firstWaitMs: 60_000,
    });
    onTestFinished(() => {
      webhooks.close();
      server.close();
      server.closeAllConnections();
    });
    for (const group of [...Array.from({ length: 40 }, () => 'many'), 'few']) {
      const call = silentCall(group);
      call.take({ event: 'mark', name: 'x' }, 0, 0);
      webhooks.follow(call, undefined);
    }
    await expect.poll(() => groups.length, { timeout: 20_000 }).toBe(41);
    // Sixteen are on their way at first, and some end at once.
    expect(groups.indexOf('few')).toBeLessThan(32);
  });

  it('says what it missed while it did not answer', async () => {
    const { url, posts, answers } = await receiver();
    const webhooks = new Webhooks({
      key: KEY,
      url,
      policy: new UrlPolicy([]),
      logger: pino({ level: 'silent' }),
      nowMs: () => performance.now(),
      onUntold: () => undefined,
      firstWaitMs: 5,
    });
    onTestFinished(() => {
      webhooks.close();
    });
    answers.push(...Array.from({ length: 5 }, () => 503));
    const call = silentCall();
    webhooks.follow(call, undefined);
    for (let i = 0; i < 5000; i++) call.take({ event: 'mark', name: String(i) }, 0, 0);
    await expect.poll(() => messages(posts).at(-1), { timeout: 20_000 }).toMatchObject({ name: '4999' });
    const ids = messages(posts).map(({ id }) => id);
    const [missed, ...more] = posts.flatMap((post) => post.missed ?? []);
    expect(more).toEqual([]);
    // What was on its way is told; then the gap; then all that is kept.
    expect(ids).toEqual(
      [
        ...Array.from({ length: missed!.from - 1 }, (_, i) => i + 1),
        ...Array.from({ length: 5001 - missed!.to }, (_, i) => missed!.to + 1 + i),
      ].slice(0, ids.length),
    );
    expect(missed!.to - missed!.from).toBeGreaterThan(500);
  });

  it('goes where a call asks only if its operator allows that', async () => {
    const [usual, allowed, foreign] = [await receiver(), await receiver(), await receiver()];
    const server = await started({
      ...settings,
      telephonyWebhook: usual.url,
      telephonyWebhookUrls: [allowed.url],
      telephonyWebhookSecretFile: file('secret', SECRET),
    });
    await FakeProvider.play({ port: server.port, sound, parameters: { webhook: allowed.url } });
    await expect.poll(() => messages(allowed.posts).at(-1)?.type).toBe('ended');
    for (const webhook of [
      foreign.url,
      'http://169.254.169.254/latest',
      'https://127.0.0.1/',
      'file:///etc/passwd',
      'no address',
    ]) {
      const phone = await FakeProvider.connect({ port: server.port, sound, parameters: { webhook } });
      phone.start();
      expect(await phone.closed, webhook).toEqual({ code: 4003, reason: 'server-forbidden' });
    }
    expect([usual.ids, foreign.ids]).toEqual([[], []]);
    expect(server.sessions.running).toBe(0);
  });

  it('is refused to a call where there is none', async () => {
    const server = await started();
    const phone = await FakeProvider.connect({
      port: server.port,
      sound,
      parameters: { webhook: 'https://a.example' },
    });
    phone.start();
    expect(await phone.closed).toEqual({ code: 4003, reason: 'server-forbidden' });
  });

  it('is told the last events of calls that the server ends', async () => {
    const { url, posts } = await receiver();
    const server = await started({
      ...settings,
      drainSeconds: 0,
      telephonyWebhook: url,
      telephonyWebhookSecretFile: file('secret', SECRET),
    });
    const phone = await FakeProvider.connect({ port: server.port, sound });
    phone.start();
    await phone.media();
    await expect.poll(() => server.sessions.all()[0]?.receivedSeconds).toBe(5);
    await server.drain();
    expect(await phone.closed).toEqual({ code: 1012, reason: 'server-draining' });
    expect(messages(posts).slice(-2)).toMatchObject([
      { type: 'event', event: { type: 'end', end: 5 } },
      { type: 'ended', error: { code: 'server-draining' } },
    ]);
  });

  it('has its address and secrets in no log', async () => {
    const { url, answers, ids } = await receiver();
    answers.push(500);
    const log = keptLog();
    const server = await started(
      { ...settings, telephonyWebhook: url, telephonyWebhookSecretFile: file('secret', SECRET) },
      undefined,
      { logger: log.logger },
    );
    await FakeProvider.play({ port: server.port, sound });
    await expect.poll(() => ids.length).toBeGreaterThan(1);
    expect(log.text()).toContain('a webhook does not answer');
    expect(log.text()).not.toContain('key=1');
    expect(log.text()).not.toContain(SECRET.slice(6));
  });

  it.each([
    ['a webhook without a secret', { telephonyWebhook: 'https://a.example' }, 'telephonyWebhookSecretFile'],
    ['allowed webhooks without a secret', { telephonyWebhookUrls: ['public'] }, 'telephonyWebhookSecretFile'],
    [
      'a secret that is too short',
      { telephonyWebhookSecretFile: file('secret', 'whsec_c2hvcnQ=') },
      '24 to 64 bytes',
    ],
    [
      'a secret that is none',
      { telephonyWebhookSecretFile: file('secret', KEY.toString('base64')) },
      'whsec_',
    ],
    ['a file that is not there', { telephonyWebhookSecretFile: '/nowhere/secret' }, '/nowhere/secret'],
    ['an auth token without an address', { twilioAuthTokenFile: file('auth', 'a') }, 'publicUrl'],
    ['a webhook that is no web address', { telephonyWebhook: 'ftp://a.example' }, 'telephonyWebhook'],
  ])('is not configured by half: %s', (_what, half, named) => {
    expect(() => checkConfig(half)).toThrow(
      expect.objectContaining({ code: 'server-config', message: expect.stringContaining(named) as string }),
    );
  });
});

describe('the signature of Twilio', () => {
  const authToken = 'f1a2';
  const sign = (url: string, key = authToken): Record<string, string> => ({
    'x-twilio-signature': createHmac('sha1', key).update(url).digest('base64'),
  });
  const path = '/voices/v1/telephony/twilio';

  it('lets calls in, and nobody without it', async () => {
    const log = keptLog();
    const server = await started(
      {
        basePath: '/voices',
        publicUrl: 'https://phone.example.com/voices',
        twilioAuthTokenFile: file('auth', `${authToken}\n`),
      },
      undefined,
      { logger: log.logger },
    );
    const attempt = (headers: Record<string, string>) =>
      FakeProvider.connect({ port: server.port, basePath: '/voices', sound, headers });
    for (const url of [
      `wss://phone.example.com${path}`,
      `wss://phone.example.com${path}/`,
      `wss://phone.example.com:443${path}`,
    ]) {
      (await attempt(sign(url))).drop();
    }
    for (const headers of [
      {},
      sign(`wss://other.example.com${path}`),
      sign(`wss://phone.example.com${path}`, 'wrong'),
      { 'x-twilio-signature': 'x' },
    ]) {
      await expect(attempt(headers)).rejects.toThrow('status 401');
    }
    expect(log.text()).toContain('X-Twilio-Signature');
    // Telnyx signs nothing.
    (
      await FakeProvider.connect({ provider: 'telnyx', port: server.port, basePath: '/voices', sound })
    ).drop();
  });
});

function silentCall(group = 'default'): Call {
  return new Call(
    {
      id: 'CA1',
      provider: 'twilio',
      encoding: 'mulaw',
      principal: { tokenId: 'a', group, isOperator: false },
      waitSeconds: 60,
      soundTimeoutSeconds: 60,
      openSession: () => {
        throw new Error('no track here');
      },
      onEnded: () => undefined,
    },
    0,
  );
}
