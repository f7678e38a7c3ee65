import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  identify,
  readAll,
  fromFile,
  fromSamples,
  type EnrollModel,
  type IdentifyEvent,
} from '../../src/index.js';
import { asyncApi, openApi } from '../../src/server/documents/index.js';
import { serverMessageSchema } from '../../src/server/reply-schemas.js';
import type { RunningServer } from '../../src/server/index.js';
import { wireEvent } from '../../src/events/wire-event.js';
import { AUDIO } from '../helpers.js';
import { encodeG711 } from '../g711.js';
import { sendAll, type Heard } from './reference-client.js';
import { cheapModel, hello, meetingPcm, open, startServer, type Told } from './support.js';

describe('streams', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  const begin = async (more: object = {}): Promise<Told> => {
    const client = await open(server);
    client.send({ ...hello, ...more });
    await client.wait('welcome');
    return client;
  };

  it('tell what identify tells, and every message is what the schema says', async () => {
    const pcm = meetingPcm(20);
    const samples = (await readAll(fromFile(`${AUDIO}/meeting.wav`))).subarray(0, 20 * 16_000);
    const expected: IdentifyEvent[] = [];
    await identify(fromSamples(samples), { model: cheapModel, latencySeconds: 2.5 }).forEach((event) => {
      expected.push(event);
    });
    const client = await begin();
    for (let i = 0; i * 32_000 < pcm.length; i++) {
      if (i % 8 === 7)
        await client.wait('ack', ({ sequence, creditBytes }) => sequence >= i - 2 && creditBytes > 0);
      client.audio(i, pcm.subarray(i * 32_000, (i + 1) * 32_000));
    }
    client.send({ type: 'end', messages: Math.ceil(pcm.length / 32_000) });
    expect(await client.closed).toBe(1000);
    const events = client.messages.filter((message) => message.type === 'event').map(({ event }) => event);
    expect(events).toEqual(expected.map(wireEvent));

    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const { messages } = (
      asyncApi().channels as { stream: { messages: Record<string, { payload: object }> } }
    ).stream;
    for (const message of client.messages) {
      expect(serverMessageSchema.safeParse(message).success).toBe(true);
      expect(ajv.validate(messages[message.type]!.payload, message)).toBe(true);
    }
    expect(ajv.validate(messages.ack!.payload, { type: 'ack', sequence: -2, creditBytes: 1 })).toBe(false);
  });

  it('take every encoding, rate and channel count alike', async () => {
    const second = meetingPcm(8);
    const stereo = Buffer.alloc(second.length * 2);
    for (let i = 0; i < second.length / 2; i++) {
      stereo.writeInt16LE(second.readInt16LE(2 * i), 4 * i);
      stereo.writeInt16LE(second.readInt16LE(2 * i), 4 * i + 2);
    }
    const float = Buffer.alloc(second.length * 2);
    for (let i = 0; i < second.length / 2; i++) float.writeFloatLE(second.readInt16LE(2 * i) / 32_768, 4 * i);
    const mono = await sendAll(() => server.port, hello, second, 3200);
    expect((await sendAll(() => server.port, { ...hello, channels: 2 }, stereo, 6400)).events).toEqual(
      mono.events,
    );
    expect((await sendAll(() => server.port, { ...hello, encoding: 'f32le' }, float, 6400)).events).toEqual(
      mono.events,
    );
    const narrow = { ...hello, sampleRateHz: 8000 } as const;
    const sparse = Float32Array.from(
      { length: second.length / 4 },
      (_, i) => second.readInt16LE(4 * i) / 32_768,
    );
    const linear = Buffer.alloc(2 * sparse.length);
    for (const [i, sample] of sparse.entries()) linear.writeInt16LE(Math.round(sample * 32_767), 2 * i);
    const labels = ({ events }: Heard): unknown =>
      events.flatMap((event) => (event.type === 'final' ? [[event.speaker, Math.round(event.end)]] : []));
    const asIs = labels(await sendAll(() => server.port, narrow, linear, 3200));
    expect(asIs).not.toEqual([]);
    for (const encoding of ['mulaw', 'alaw'] as const) {
      const heard = await sendAll(
        () => server.port,
        { ...narrow, encoding },
        encodeG711(encoding, sparse),
        800,
      );
      expect(heard.events.at(-1)).toMatchObject({ type: 'end', endSample: 2 * sparse.length });
      expect(labels(heard), encoding).toEqual(asIs);
    }
  });

  it('end at what must not be, each with its code, and no other stream notices', async () => {
    const witness = sendAll(() => server.port, hello, meetingPcm(10), 3200);
    const frame = new Uint8Array(320);
    const nan = new Uint8Array(new Float32Array([0.1, NaN]).buffer);
    const cases: [string, number, object, (client: Told) => void][] = [
      [
        'protocol-sequence',
        4005,
        {},
        (c) => {
          c.audio(1, frame);
        },
      ],
      [
        'audio-format',
        4007,
        {},
        (c) => {
          c.audio(0, new Uint8Array(3));
        },
      ],
      [
        'audio-not-finite',
        4007,
        { encoding: 'f32le' },
        (c) => {
          c.audio(0, nan);
        },
      ],
      [
        'protocol-message',
        4000,
        {},
        (c) => {
          c.audio(0, frame, 5);
        },
      ],
      [
        'protocol-message',
        4000,
        {},
        (c) => {
          c.send({ type: 'hello' });
        },
      ],
      [
        'protocol-message',
        4000,
        {},
        (c) => {
          c.socket.send('{');
        },
      ],
      [
        'protocol-message',
        4000,
        {},
        (c) => {
          c.send({ type: 'received', event: 5 });
        },
      ],
      [
        'protocol-sequence',
        4005,
        {},
        (c) => {
          c.send({ type: 'end', messages: 3 });
        },
      ],
    ];
    for (const [code, close, more, act] of cases) {
      const client = await begin(more);
      act(client);
      expect(await client.wait('error')).toMatchObject({ code, fatal: true });
      expect(await client.closed).toBe(close);
    }
    const giant = await begin();
    giant.audio(0, new Uint8Array(300_000));
    expect(await giant.closed).toBe(1009);
    const early = await open(server);
    early.audio(0, frame);
    expect(await early.closed).toBe(4000);
    const old = await open(server);
    old.send({ ...hello, version: 2 });
    expect(await old.wait('error')).toMatchObject({ code: 'protocol-version' });
    expect((await witness).events.at(-1)!.type).toBe('end');
  });

  it('a raw pipe needs no hello: its URL says it', async () => {
    const client = await open(server, { path: '/v1/stream?encoding=s16le&sampleRateHz=16000' });
    await client.wait('welcome');
    const pcm = meetingPcm(4);
    for (let at = 0; at < pcm.length; at += 4097) client.socket.send(pcm.subarray(at, at + 4097));
    await client.wait('ack', ({ sequence }) => sequence === Math.ceil(pcm.length / 4097) - 1);
    client.send({ type: 'end', messages: 0 });
    expect(await client.closed).toBe(1000);
    expect(client.messages.at(-1)).toMatchObject({ event: { type: 'end', endSample: 64_000 } });
  });

  it('a raw pipe that ends inside a sample is told all it sent, and then that', async () => {
    for (const sampleRateHz of [16_000, 48_000]) {
      const path = `/v1/stream?encoding=s16le&sampleRateHz=${sampleRateHz}`;
      const client = await open(server, { path });
      await client.wait('welcome');
      client.socket.send(meetingPcm(4).subarray(0, 127_999));
      await client.wait('ack', ({ sequence }) => sequence === 0);
      client.send({ type: 'end', messages: 0 });
      expect(await client.closed).not.toBe(1000);
      expect(client.messages.at(-1)).toMatchObject({ type: 'error', code: 'audio-truncated', fatal: true });
      const events = client.messages.flatMap((message) => (message.type === 'event' ? [message.event] : []));
      expect(events.some(({ type }) => type === 'final')).toBe(true);
      expect(events.at(-1)!.type).not.toBe('end');
    }
  });

  it('a live stream drops its oldest audio and says so; stream time stays right', async () => {
    const client = await begin({ live: true });
    client.audio(0, meetingPcm(1));
    client.audio(1, meetingPcm(1), 16_000 * 5);
    client.send({ type: 'end', messages: 2 });
    expect(await client.closed).toBe(1000);
    const lag = client.messages.find((message) => message.type === 'event' && message.event.type === 'lag');
    expect(lag).toMatchObject({ event: { type: 'lag' } });
    expect(client.messages.at(-1)).toMatchObject({ event: { type: 'end', endSample: 7 * 16_000 } });
  });
});

describe('backpressure', () => {
  it('a raw recording is read no faster than it is worked on, and all of it is', async () => {
    const slow: EnrollModel = {
      ...cheapModel,
      embedWindow: async (window) => {
        await sleep(20);
        return cheapModel.embedWindow(window);
      },
    };
    const server = await startServer({ bufferSeconds: 1 }, slow);
    try {
      const path = '/v1/stream?encoding=s16le&sampleRateHz=16000&framing=raw&live=false';
      const client = await open(server, { path });
      await client.wait('welcome');
      // 80 s at once: eighty times what the server buffers.
      const pcm = Buffer.concat([meetingPcm(40), meetingPcm(40)]);
      for (let at = 0; at < pcm.length; at += 64_000) client.socket.send(pcm.subarray(at, at + 64_000));
      client.send({ type: 'end', messages: 0 });
      await sleep(300);
      const acks = client.messages.flatMap((message) => (message.type === 'ack' ? [message.sequence] : []));
      expect(Math.max(0, ...acks)).toBeLessThan(20);
      expect(await client.closed).toBe(1000);
      expect(client.messages.at(-1)).toMatchObject({ event: { type: 'end', endSample: 80 * 16_000 } });
    } finally {
      await server.close();
    }
  });

  it.each([
    ['WebM', '../stream/fixtures/live.webm', /WebM/],
    ['mp3', '../stream/fixtures/mono-16000-no-tag.mp3', /mp3/],
    ['ADTS', '../stream/fixtures/mono-16000.aac', /ADTS/],
    ['m4a', '../stream/fixtures/late.m4a', /MP4/],
  ])('a file of %s that is sent as raw PCM is refused by name', async (_, name, message) => {
    const server = await startServer();
    try {
      const client = await open(server, { path: '/v1/stream?encoding=f32le&sampleRateHz=16000&framing=raw' });
      await client.wait('welcome');
      const bytes = readFileSync(new URL(name, import.meta.url));
      for (let at = 0; at < 4000; at += 37) client.socket.send(bytes.subarray(at, Math.min(at + 37, 4000)));
      expect(await client.closed).not.toBe(1000);
      expect(client.messages.at(-1)).toMatchObject({
        type: 'error',
        code: 'audio-format',
        message: expect.stringMatching(message) as string,
      });
    } finally {
      await server.close();
    }
  });

  it('a slow network slows a recording by credit, and makes a live stream drop and say how far behind it is', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const stuck = {
      ...cheapModel,
      embedWindow: async (window: Parameters<typeof cheapModel.embedWindow>[0]) => {
        await gate;
        return cheapModel.embedWindow(window);
      },
    };
    const server = await startServer({ bufferSeconds: 2, maxMessageBytes: 32_008 }, stuck);
    const pcm = meetingPcm(12);
    let sent = 0;
    const recorded = await open(server);
    recorded.send(hello);
    let credit = (await recorded.wait('welcome')).creditBytes;
    expect(credit).toBe(64_000);
    for (let i = 0; i < 8 && (i + 1) * 32_000 <= credit; i++, sent++) {
      recorded.audio(i, pcm.subarray(i * 32_000, (i + 1) * 32_000));
      const { creditBytes } = await recorded.wait('ack', ({ sequence }) => sequence === i);
      await new Promise((resolve) => setTimeout(resolve, 250));
      credit =
        recorded.messages.filter((message) => message.type === 'ack').at(-1)!.creditBytes + (i + 1) * 32_000;
      expect(creditBytes).toBeLessThanOrEqual(64_000);
    }
    // The pipeline has taken what it may; then the sender is told to wait.
    expect(sent).toBeLessThan(8);

    const greedy = await open(server);
    greedy.send(hello);
    await greedy.wait('welcome');
    for (let i = 0; i < 12; i++) greedy.audio(i, pcm.subarray(0, 32_000));
    expect(await greedy.wait('error')).toMatchObject({ code: 'protocol-credit' });
    expect(await greedy.closed).toBe(4006);

    const live = await open(server);
    live.send({ ...hello, live: true });
    await live.wait('welcome');
    for (let i = 0; i < 24; i++) {
      live.audio(i, pcm.subarray(i * 16_000, (i + 1) * 16_000));
      await live.wait('ack', ({ sequence }) => sequence >= i);
    }
    const lag = await live.wait('lag', ({ droppedSeconds }) => droppedSeconds > 1);
    expect(lag.behindSeconds).toBeGreaterThan(1);
    release();
    live.send({ type: 'end', messages: 24 });
    expect(await live.closed).toBe(1000);
    expect(live.messages.some((message) => message.type === 'event' && message.event.type === 'lag')).toBe(
      true,
    );
    expect(live.messages.at(-1)).toMatchObject({ event: { type: 'end', endSample: 12 * 16_000 } });
    recorded.send({ type: 'end', messages: sent });
    expect(await recorded.closed).toBe(1000);
    expect(recorded.messages.at(-1)).toMatchObject({ event: { type: 'end', endSample: sent * 16_000 } });
    await server.close();
  });

  it('more streams than there is room for are refused with a clear code, and those that run go on', async () => {
    const server = await startServer({ maxStreams: 2 });
    const held = [await open(server), await open(server)];
    for (const client of held) {
      client.send(hello);
      await client.wait('welcome');
    }
    for (let i = 0; i < 20; i++) {
      const more = await open(server);
      more.send(hello);
      expect(await more.wait('error')).toMatchObject({ code: 'server-full', retryAfterSeconds: 10 });
      expect(await more.closed).toBe(4013);
    }
    held[0]!.audio(0, meetingPcm(1));
    await held[0]!.wait('ack');
    await server.close();
  });

  it('drops connections that say nothing: no hello, half-open, stopped inside a frame', async () => {
    const server = await startServer({ helloTimeoutSeconds: 2, idleTimeoutSeconds: 0.9 });
    const silent = await open(server);
    expect(await silent.wait('error')).toMatchObject({ code: 'server-timeout' });
    expect(await silent.closed).toBe(4002);
    // A client whose machine is gone: it answers no ping.
    const gone = await open(server);
    gone.send(hello);
    await gone.wait('welcome');
    gone.socket.pause();
    await expect
      .poll(() => server.sessions.all().some(({ isConnected }) => isConnected), { timeout: 60_000 })
      .toBe(false);
    const raw = connect(server.port, '127.0.0.1');
    raw.write(
      'GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await once(raw, 'data');
    raw.write(Uint8Array.of(0x82, 0xfe, 0x40));
    raw.on('error', () => undefined);
    await once(raw, 'close');
    await server.close();
  });
});

describe('operations', () => {
  it('drain tells clients, lets them end, ends the rest, and refuses new ones', async () => {
    const server = await startServer({ drainSeconds: 3 });
    const client = await open(server);
    client.send(hello);
    await client.wait('welcome');
    client.audio(0, meetingPcm(2));
    await client.wait('ack', ({ sequence }) => sequence === 0);
    const late = await open(server);
    // In the middle of a sample when the server ends it.
    const piped = await open(server, { path: '/v1/stream?encoding=s16le&sampleRateHz=16000' });
    await piped.wait('welcome');
    piped.socket.send(meetingPcm(2).subarray(0, 63_999));
    await piped.wait('ack', ({ sequence }) => sequence === 0);
    const drained = server.drain();
    expect(await client.wait('drain')).toEqual({ type: 'drain', deadlineSeconds: 3 });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    late.send(hello);
    expect(await late.wait('error')).toMatchObject({ code: 'server-draining' });
    expect(await client.closed).toBe(1012);
    expect(client.messages.at(-1)).toMatchObject({ event: { type: 'end', endSample: 32_000 } });
    expect(await piped.closed).toBe(1012);
    expect(piped.messages.at(-1)).toMatchObject({ event: { type: 'end', endSample: 31_999 } });
    await drained;
  });

  it('the descriptions are served, and docs/ has the same', async () => {
    const server = await startServer();
    for (const [name, document] of Object.entries({ openapi: openApi(), asyncapi: asyncApi() })) {
      const served = (await (await fetch(`${server.url}/v1/${name}.json`)).json()) as unknown;
      expect(served).toEqual(JSON.parse(JSON.stringify(document)));
      expect(JSON.parse(readFileSync(`docs/${name}.json`, 'utf8'))).toEqual(served);
    }
    await server.close();
  });
});
