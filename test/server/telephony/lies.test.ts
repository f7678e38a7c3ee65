import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { makeToken } from '../../../src/server/access/tokens.js';
import type { RunningServer } from '../../../src/server/index.js';
import { started } from '../started.js';
import { keptLog } from '../support.js';
import { CallReader } from './call-reader.js';
import { FakeProvider } from './fake-provider.js';

const sound = { inbound: new Float32Array(8000) };
const quiet = Buffer.alloc(160, 0xff).toString('base64');

async function begun(server: RunningServer): Promise<[FakeProvider, CallReader]> {
  const phone = await FakeProvider.connect({ port: server.port, sound });
  phone.connected();
  phone.start();
  const reader = await CallReader.of(server, phone.call);
  await phone.media(0.5);
  return [phone, reader];
}

describe('a call that is not what it says', () => {
  const inside: [string, number, string, (phone: FakeProvider) => void][] = [
    [
      'sound that is no base64',
      4000,
      'protocol-message',
      (p) => {
        p.packet('inbound', 'a b*', 500);
      },
    ],
    [
      'sound that is cut base64',
      4000,
      'protocol-message',
      (p) => {
        p.packet('inbound', 'abcde', 500);
      },
    ],
    [
      'no sound',
      4000,
      'protocol-message',
      (p) => {
        p.packet('inbound', '', 500);
      },
    ],
    [
      'a track that start did not list',
      4000,
      'protocol-message',
      (p) => {
        p.packet('outbound', quiet, 500);
      },
    ],
    [
      'a track that there is not',
      4000,
      'protocol-message',
      (p) => {
        p.packet('sideways', quiet, 500);
      },
    ],
    [
      'another stream',
      4000,
      'protocol-message',
      (p) => {
        p.raw(JSON.stringify({ event: 'media', streamSid: 'MZother', media: { payload: quiet } }));
      },
    ],
    [
      'a second start',
      4000,
      'protocol-message',
      (p) => {
        p.start();
      },
    ],
    [
      'no JSON',
      4000,
      'protocol-message',
      (p) => {
        p.raw('{');
      },
    ],
    [
      'a list',
      4000,
      'protocol-message',
      (p) => {
        p.raw('[]');
      },
    ],
    [
      'a number that is none',
      4000,
      'protocol-message',
      (p) => {
        p.raw(JSON.stringify({ event: 'mark', sequenceNumber: -1, mark: { name: 'a' } }));
      },
    ],
    [
      'a time that is none',
      4000,
      'protocol-message',
      (p) => {
        p.packet('inbound', quiet, 0, { timestamp: 'soon' });
      },
    ],
    [
      'a time two days on',
      4000,
      'protocol-message',
      (p) => {
        p.packet('inbound', quiet, 2 * 86_400_000);
      },
    ],
    [
      'numbers that were all passed',
      4005,
      'protocol-sequence',
      (p) => {
        for (let i = 0; i < 64; i++)
          p.raw(
            JSON.stringify({
              event: 'media',
              sequenceNumber: '2',
              streamSid: p.stream,
              media: { payload: quiet },
            }),
          );
      },
    ],
    [
      'twice the rate that it says',
      4007,
      'audio-format',
      (p) => {
        for (let i = 0; i < 600; i++) p.packet('inbound', Buffer.alloc(320, 0xff), 500 + 20 * i);
      },
    ],
  ];

  it.each(inside)('ends with a code: %s', async (_what, code, reason, lie) => {
    const server = await started({ maxLiveSpeed: 100, bufferSeconds: 60 });
    const [phone, reader] = await begun(server);
    lie(phone);
    expect(await phone.closed).toEqual({ code, reason });
    expect(await reader.closed).toBe(1000);
    // What was heard before is told, and why it ended.
    expect(reader.of('event').at(-1)).toMatchObject({ event: { type: 'end' } });
    expect(reader.messages.at(-1)).toMatchObject({
      type: 'ended',
      error: { code: reason, message: expect.any(String) as string },
    });
    expect(server.sessions.running).toBe(0);
  });

  const format = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
  it.each([
    ['another rate', { mediaFormat: { ...format, sampleRate: 16_000 } }, 4007, 'audio-unsupported'],
    ['another encoding', { mediaFormat: { ...format, encoding: 'audio/l16' } }, 4007, 'audio-unsupported'],
    ['two channels', { mediaFormat: { ...format, channels: 2 } }, 4007, 'audio-unsupported'],
    ['no format', { mediaFormat: null }, 4000, 'protocol-message'],
    ['no call', { callSid: '' }, 4000, 'protocol-message'],
    ['tracks that there are not', { tracks: ['both'] }, 4000, 'protocol-message'],
    ['a parameter that is no text', { customParameters: { a: 1 } }, 4000, 'protocol-message'],
    [
      'parameters without end',
      { customParameters: { a: 'x'.repeat(4000), b: 'x'.repeat(4000), c: 'x'.repeat(400) } },
      4000,
      'protocol-message',
    ],
  ])('is refused at its start: %s', async (_what, more, code, reason) => {
    const server = await started();
    const phone = await FakeProvider.connect({ port: server.port, sound });
    phone.connected();
    phone.start(more);
    expect(await phone.closed).toEqual({ code, reason });
    expect((await calls(server)).calls).toEqual([]);
    expect(server.sessions.running).toBe(0);
  });

  it('takes the encodings of Telnyx that it can hear, and names them where another comes', async () => {
    const log = keptLog();
    const server = await started({}, undefined, { logger: log.logger });
    const phone = await FakeProvider.connect({ provider: 'telnyx', port: server.port, sound });
    phone.start({ media_format: { encoding: 'OPUS', sample_rate: 16_000, channels: 1 } });
    expect(await phone.closed).toEqual({ code: 4007, reason: 'audio-unsupported' });
    expect(log.text()).toContain('audio-unsupported');
  });

  it.each(['no message', 'connected alone', 'sound without a start'])(
    'that never starts is hung up: %s',
    async (what) => {
      const server = await started({ helloTimeoutSeconds: 0.5 });
      const phone = await FakeProvider.connect({ port: server.port, sound });
      if (what !== 'no message') phone.connected();
      if (what.startsWith('sound')) for (let i = 0; i < 10; i++) phone.packet('inbound', quiet, 20 * i);
      expect(await phone.closed).toEqual({ code: 4002, reason: 'server-timeout' });
    },
  );

  it('that sends too much before its start is hung up at once', async () => {
    const server = await started();
    const phone = await FakeProvider.connect({ port: server.port, sound });
    for (let i = 0; i < 40; i++) phone.packet('inbound', quiet, 20 * i);
    expect(await phone.closed).toEqual({ code: 4000, reason: 'protocol-message' });
  });
});

describe('a connection that breaks', () => {
  it('without "stop": the call waits, and then ends with all that was heard', async () => {
    const server = await started({ resumeWindowSeconds: 0.5, maxLiveSpeed: 100 });
    const [phone, reader] = await begun(server);
    phone.drop();
    await reader.wait('lost');
    expect((await calls(server)).calls).toMatchObject([{ call: phone.call, state: 'lost' }]);
    expect(await reader.closed).toBe(1000);
    expect(reader.of('event').at(-1)).toMatchObject({ event: { type: 'end', end: 0.5 } });
    expect(reader.messages.at(-1)).toMatchObject({ type: 'ended', error: { code: 'server-lost' } });
    await expect.poll(async () => (await calls(server)).calls).toEqual([]);
  });

  it.each(['begin anew', 'count on'])(
    'and comes back: the call goes on, where the times %s',
    async (times) => {
      const server = await started({ maxLiveSpeed: 100, bufferSeconds: 60 });
      const long = { inbound: new Float32Array(16_000) };
      const phone = await FakeProvider.connect({ port: server.port, sound: long });
      phone.connected();
      phone.start();
      const reader = await CallReader.of(server, phone.call);
      await phone.media();
      phone.drop();
      await reader.wait('lost');
      const fromMs = times === 'count on' ? 4000 : 0;
      await sleep(500);
      const again = await FakeProvider.connect({ port: server.port, sound: long, call: phone.call, fromMs });
      again.connected();
      again.start();
      await again.media();
      again.stop();
      await again.closed;
      await reader.closed;
      expect(reader.of('started').map(({ resumed, stream }) => [resumed, stream])).toEqual([
        [false, phone.stream],
        [true, again.stream],
      ]);
      // One stream, one end.
      expect(reader.of('track')).toHaveLength(1);
      expect(reader.of('event').filter(({ event }) => event.type === 'end')).toHaveLength(1);
      const { seconds } = await reader.wait('ended');
      if (times === 'count on') expect(seconds).toBe(6);
      // So long was it gone by the server's clock.
      else expect(seconds).toBeGreaterThanOrEqual(4.4);
    },
  );

  it('that a new one replaces is hung up', async () => {
    const server = await started();
    const [phone, reader] = await begun(server);
    const again = await FakeProvider.connect({ port: server.port, sound, call: phone.call });
    again.start();
    expect(await phone.closed).toEqual({ code: 4009, reason: 'session-superseded' });
    again.stop();
    await reader.closed;
    expect(reader.of('lost')).toEqual([]);
    expect(await reader.wait('ended')).not.toHaveProperty('error');
  });

  it.each([
    ['another encoding', { law: 'alaw' }],
    ['another provider', { provider: 'twilio' }],
  ] as const)('is not replaced by one of %s, whose sound would be noise', async (_what, more) => {
    const server = await started();
    const phone = await FakeProvider.connect({ port: server.port, provider: 'telnyx', sound });
    phone.start();
    await phone.media(0.5);
    const reader = await CallReader.of(server, phone.call);
    await reader.wait('track');
    const plan = { port: server.port, provider: 'telnyx', sound, call: phone.call, ...more } as const;
    const again = await FakeProvider.connect(plan);
    again.start();
    expect(await again.closed).toEqual({ code: 4000, reason: 'protocol-message' });
    phone.stop();
    await reader.closed;
    expect(await reader.wait('ended')).not.toHaveProperty('error');
  });

  it('before any sound ends the call', async () => {
    const server = await started();
    const phone = await FakeProvider.connect({ provider: 'telnyx', port: server.port, sound });
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    phone.drop();
    expect(await reader.wait('ended')).toMatchObject({ error: { code: 'server-lost' } });
  });
});

describe('who may send calls, and read them', () => {
  const token = makeToken('phone', 'sales');
  const other = makeToken('other', 'support');
  const as = ({ token: text }: { token: string }): { authorization: string } => ({
    authorization: `Bearer ${text}`,
  });
  const tokens = [token.record, other.record];
  const attempt = async (server: RunningServer, parameters: Record<string, string>, headers = {}) => {
    const phone = await FakeProvider.connect({ port: server.port, sound, parameters, headers });
    phone.start();
    return phone;
  };

  it('a token or a ticket among the parameters, or a header', async () => {
    const server = await started({ tokens, requestBurst: 1000 });
    const reply = await fetch(`${server.url}/v1/tickets`, { method: 'POST', headers: as(token) });
    const { ticket } = (await reply.json()) as { ticket: string };
    for (const phone of [
      await attempt(server, { token: token.token, order: '17' }),
      await attempt(server, { ticket, order: '17' }),
      await attempt(server, { order: '17' }, as(token)),
    ]) {
      const reader = await CallReader.of(server, phone.call, { headers: as(token) });
      // The secret is told to nobody.
      expect(await reader.wait('started')).toMatchObject({ group: 'sales', parameters: { order: '17' } });
      await expect(CallReader.of(server, phone.call, { headers: as(other), tries: 0 })).rejects.toThrow(
        'status 404',
      );
      await expect(CallReader.of(server, phone.call)).rejects.toThrow('status 401');
      expect((await calls(server, as(other))).calls).toEqual([]);
    }
    expect((await calls(server, as(token))).calls).toHaveLength(3);
    // A ticket is good once.
    const twice = await attempt(server, { ticket });
    expect(await twice.closed).toEqual({ code: 4003, reason: 'server-unauthorized' });
  }, 60_000);

  it('nobody else', async () => {
    const log = keptLog();
    const server = await started({ tokens }, undefined, { logger: log.logger });
    for (const parameters of [{}, { token: 'wsp_wrong' }, { ticket: 'wrong' }] as Record<string, string>[]) {
      const phone = await attempt(server, parameters);
      expect(await phone.closed).toEqual({ code: 4003, reason: 'server-unauthorized' });
    }
    await expect(attempt(server, {}, { authorization: 'Bearer wsp_wrong' })).rejects.toThrow('status 401');
    expect(log.text()).toContain('a login was refused');
    expect(log.text()).not.toContain('wsp_wrong');
  });

  it('a call ends when its token is revoked, also while it waits', async () => {
    const server = await started({ tokens });
    const phone = await attempt(server, { token: token.token });
    const reader = await CallReader.of(server, phone.call, { headers: as(token) });
    const waiting = await attempt(server, { token: token.token });
    waiting.packet('inbound', quiet, 0);
    const waitingReader = await CallReader.of(server, waiting.call, { headers: as(token) });
    waiting.drop();
    await waitingReader.wait('lost');
    await server.reload({ tokens: [other.record] });
    expect(await phone.closed).toEqual({ code: 4003, reason: 'server-unauthorized' });
    for (const told of [reader, waitingReader]) {
      await told.closed;
      expect(told.error ?? (await told.wait('ended')).error?.code).toBe('server-unauthorized');
    }
  });

  it('takes no more than a few connections for calls without sound, and readers', async () => {
    const server = await started({ tokens: [token.record], requestBurst: 1000 });
    const begin = async (): Promise<FakeProvider> => {
      const phone = await FakeProvider.connect({ provider: 'telnyx', port: server.port, headers: as(token) });
      phone.start();
      return phone;
    };
    const first = await begin();
    for (let i = 0; i < 64; i++) await begin();
    expect(await first.closed).toMatchObject({ code: 1006 });
    const last = await begin();
    const read = (tries: number): Promise<CallReader> =>
      CallReader.of(server, last.call, { headers: as(token), tries });
    for (let i = 0; i < 16; i++) await read(50);
    await expect(read(0)).rejects.toThrow('status 429');
  });

  it('counts each track as a stream of the token', async () => {
    const limited = { ...token.record, maxStreams: 1 };
    const server = await started({ tokens: [limited, other.record] });
    const phone = await FakeProvider.connect({
      port: server.port,
      sound: { ...sound, outbound: new Float32Array(8000) },
      parameters: { token: token.token },
    });
    phone.start();
    expect(await phone.closed).toEqual({ code: 4029, reason: 'server-limit' });
    await expect.poll(() => server.sessions.running).toBe(0);
  });
});

async function calls(
  server: RunningServer,
  headers: Record<string, string> = {},
): Promise<{ calls: object[] }> {
  const reply = await fetch(`${server.url}/v1/telephony/calls`, { headers });
  return (await reply.json()) as { calls: object[] };
}
