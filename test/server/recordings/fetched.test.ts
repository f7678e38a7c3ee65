import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { recordings } from '../../../src/client/index.js';
import type { RecordingReply } from '../../../src/protocol/index.js';
import type { ServerConfigInput } from '../../../src/server/index.js';
import { UrlPolicy } from '../../../src/server/recordings/url-policy.js';
import { AUDIO } from '../../helpers.js';
import { startServer } from '../support.js';

describe('UrlPolicy', () => {
  const open = new UrlPolicy(['public']);

  it.each([
    'https://127.0.0.1/a.wav',
    'https://127.1/a.wav',
    'https://2130706433/a.wav',
    'https://0x7f.0.0.1/a.wav',
    'https://0.0.0.0/a.wav',
    'https://10.1.2.3/a.wav',
    'https://100.64.0.1/a.wav',
    'https://169.254.169.254/latest/meta-data',
    'https://172.31.255.255/a.wav',
    'https://192.168.1.1/a.wav',
    'https://198.19.0.1/a.wav',
    'https://224.0.0.1/a.wav',
    'https://255.255.255.255/a.wav',
    'https://[::]/a.wav',
    'https://[::1]/a.wav',
    'https://[::ffff:127.0.0.1]/a.wav',
    'https://[::ffff:8.8.8.8]/a.wav',
    'https://[::127.0.0.1]/a.wav',
    'https://[64:ff9b::7f00:1]/a.wav',
    'https://[2002:7f00:1::]/a.wav',
    'https://[2001::7f00:1]/a.wav',
    'https://[fe80::1]/a.wav',
    'https://[fc00::1]/a.wav',
    'https://[fec0::1]/a.wav',
    'https://[ff02::1]/a.wav',
    'http://example.com/a.wav',
    'https://example.com:8443/a.wav',
    'ftp://example.com/a.wav',
    'file:///etc/passwd',
  ])('of public addresses refuses %s', (url) => {
    expect(() => open.route(new URL(url))).toThrow(expect.objectContaining({ code: 'server-forbidden' }));
  });

  it.each(['https://example.com/a.wav', 'https://8.8.8.8/a.wav', 'https://[2606:4700::1]/a.wav'])(
    'of public addresses takes %s',
    (url) => {
      expect(open.route(new URL(url))).toHaveProperty('lookup');
      expect(() => new UrlPolicy([]).route(new URL(url))).toThrow(/fetches no recording/);
    },
  );

  it('takes what is listed as it is listed alone: scheme, host and port', () => {
    const listed = new UrlPolicy(['http://10.0.0.5:8080', 'https://media.example.com']);
    expect(listed.route(new URL('http://10.0.0.5:8080/a.wav'))).toEqual({});
    expect(listed.route(new URL('https://media.example.com:443/a.wav'))).toEqual({});
    for (const url of [
      'http://10.0.0.5/a.wav',
      'https://10.0.0.5:8080/a.wav',
      'http://10.0.0.5:8080@evil.example/a.wav',
      'http://media.example.com/a.wav',
      'https://media.example.com.evil.example/a.wav',
      'https://evil.example/a.wav',
    ])
      expect(() => listed.route(new URL(url))).toThrow(/fetches no recording/);
  });

  it.each([
    [['127.0.0.1']],
    [['::ffff:10.0.0.1']],
    [['fd00::1']],
    // One good address does not make the other one good.
    [['8.8.8.8', '192.168.0.1']],
    [[]],
  ])('refuses a name that is %s', async (addresses) => {
    const policy = new UrlPolicy(['public'], (_, __, done) => {
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    });
    const { lookup } = policy.route(new URL('https://name.example/'));
    const looked = new Promise((resolve) => {
      lookup!('name.example', { all: true }, resolve);
    });
    expect(await looked).toMatchObject({ code: 'server-forbidden' });
  });
});

describe('a recording that the server fetches', () => {
  let site: Server;
  let base: string;
  const hits: string[] = [];
  beforeAll(async () => {
    site = createServer(answer);
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    site.closeAllConnections();
    site.close();
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, base);
    hits.push(pathname);
    if (pathname === '/meeting.wav') response.end(readFileSync(`${AUDIO}/meeting.wav`));
    else if (pathname === '/to') response.writeHead(302, { location: searchParams.get('to')! }).end();
    else if (pathname === '/slow') response.write('RIFF');
    else if (pathname === '/endless') {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    } else response.writeHead(404).end();
  }

  async function started(settings: ServerConfigInput) {
    const server = await startServer({ recordingFetchSeconds: 1, maxRecordingBytes: 4_000_000, ...settings });
    onTestFinished(() => server.close());
    return recordings({ url: server.url });
  }
  async function ended(client: ReturnType<typeof recordings>, url: string): Promise<RecordingReply> {
    let reply = await client.sendUrl(url);
    while (reply.state === 'fetching') {
      await new Promise((resolve) => setTimeout(resolve, 20));
      reply = await client.get(reply.recording);
    }
    return reply;
  }

  it('comes from an address that is listed, and waits like one that was sent', async () => {
    const client = await started({ recordingUrls: [base] });
    const reply = await ended(client, `${base}/to?to=/meeting.wav`);
    expect(['queued', 'running', 'done']).toContain(reply.state);
    await client.remove(reply.recording);
  });

  it('is refused at once where nothing is allowed, and nobody is asked', async () => {
    hits.length = 0;
    for (const recordingUrls of [[], ['public' as const]]) {
      const client = await started({ recordingUrls });
      await expect(client.sendUrl(`${base}/meeting.wav`)).rejects.toMatchObject({
        code: 'server-forbidden',
        status: 403,
      });
    }
    const client = await started({ recordingUrls: ['public'] });
    // A name of this machine: refused when it is looked up.
    const reply = await ended(client, 'https://localhost/meeting.wav');
    expect(reply).toMatchObject({ state: 'failed', error: { code: 'server-forbidden' } });
    expect(hits).toEqual([]);
  });

  it.each([
    ['/to?to=http://127.0.0.1:1/', 'server-forbidden', /fetches no recording/],
    ['/to?to=http://[::ffff:127.0.0.1]:1/', 'server-forbidden', /fetches no recording/],
    ['/to?to=file:///etc/passwd', 'server-forbidden', /fetches no recording/],
    ['/nowhere', 'file-not-found', /does not exist/],
    ['/slow', 'file-unreadable', /did not come within 1 s/],
    ['/endless', 'audio-limit', /more than 4000000 bytes/],
  ])('that is %s fails with %s', async (path, code, message) => {
    const client = await started({ recordingUrls: [base] });
    const reply = await ended(client, base + path);
    expect(reply).toMatchObject({ state: 'failed', error: { code } });
    expect(reply.error!.message).toMatch(message);
    expect(reply.error!.message).not.toMatch(/passwd|maxBytes/);
  });

  it('is given up where it is deleted meanwhile, and where the server ends', async () => {
    const client = await started({ recordingUrls: [base], recordingFetchSeconds: 60 });
    const gone = new Promise((resolve) => site.once('request', (request) => request.once('close', resolve)));
    const { recording, state } = await client.sendUrl(`${base}/slow`);
    expect(state).toBe('fetching');
    await client.remove(recording);
    await gone;
    expect((await client.list()).recordings).toEqual([]);
  });
});
