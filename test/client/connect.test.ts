import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect, speakers, type StreamEvent } from '../../src/client/index.js';
import type { WireEvent } from '../../src/protocol/index.js';
import { FakeService } from './fake-service.js';
import { inSeconds } from '../../src/events/in-seconds.js';
import { correctionOf } from '../events/build.js';
import { eventually, fakeStreams, opened, until } from './streams.js';

const { serve, start } = fakeStreams();
const silence = (atSample: number): WireEvent => ({
  type: 'silence',
  startSample: atSample,
  atSample,
  start: atSample / 16_000,
  at: atSample / 16_000,
});
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) % 256);
const types = (events: readonly StreamEvent[]) => events.map(({ type }) => type);

describe('connect', () => {
  it('says hello, sends the audio whole, ends, and completes after the last event', async () => {
    const service = await serve();
    const stream = start(service, { sampleRateHz: 8000, latencySeconds: 2 });
    const all = lastValueFrom(stream.events$.pipe(toArray()));
    const audio = bytes(10_001);
    for (let at = 0; at < audio.length; at += 777) await stream.send(audio.subarray(at, at + 777));
    await opened(stream);
    service.tell(silence(100));
    stream.end();
    expect(types(await all)).toEqual(['silence', 'end']);
    expect(service.audioOf().equals(audio.subarray(0, 10_000))).toBe(true);
    expect(service.hellos[0]).toEqual({
      type: 'hello',
      version: 1,
      encoding: 's16le',
      sampleRateHz: 8000,
      channels: 1,
      live: true,
      latencySeconds: 2,
    });
    await expect(stream.send(audio)).rejects.toMatchObject({ code: 'source-closed' });
  });

  it('floats become 16-bit samples, clipped', async () => {
    const service = await serve();
    const stream = start(service);
    void stream.send(Float32Array.of(0, 0.5, 1, -1, 7, NaN));
    await opened(stream);
    stream.end();
    await lastValueFrom(stream.events$);
    const got = service.audioOf();
    expect(Array.from({ length: 6 }, (_, i) => got.readInt16LE(2 * i))).toEqual([
      0, 16384, 32767, -32768, 32767, 0,
    ]);
  });

  it('200 cuts at random: every byte arrives once, and every event', async () => {
    const service = await serve({ creditBytes: 4000 });
    const stream = start(service, { live: false, maxAttempts: 1000 });
    const events: StreamEvent[] = [];
    stream.events$.subscribe((event) => events.push(event));
    const audio = bytes(600_000);
    const sending = (async () => {
      for (let at = 0; at < audio.length; at += 500) await stream.send(audio.subarray(at, at + 500));
    })();
    let state = 12345;
    const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
    for (let cuts = 0; cuts < 200; cuts++) {
      await opened(stream);
      for (let i = random() * 4; i > 1; i--) service.tell(silence(service.session.events.length));
      const messages = Math.floor((cuts + random()) * 5);
      await eventually(() => service.session.next >= messages);
      for (let i = random() * 4; i > 1; i--) service.tell(silence(service.session.events.length));
      service.cut();
      await until(stream.status$, (status) => status.state !== 'open');
    }
    await sending;
    stream.end();
    await lastValueFrom(stream.events$, { defaultValue: undefined });
    expect(service.sessions).toHaveLength(1);
    expect(service.hellos).toHaveLength(201);
    expect(service.audioOf().equals(audio)).toBe(true);
    expect(events).toEqual(service.session.events);
  });

  it('a live stream that was away too long begins anew and says where', async () => {
    const service = await serve();
    const stream = start(service);
    const restarted = until(stream.events$, ({ type }) => type === 'restarted');
    await stream.send(bytes(32_000));
    await opened(stream);
    await eventually(() => service.audioOf().length === 32_000);
    service.forget = true;
    service.cut();
    expect(await restarted).toEqual({ type: 'restarted', offsetSeconds: 1 });
    await stream.send(bytes(3200));
    expect(stream.positionSeconds).toBeCloseTo(0.1);
    await eventually(() => service.audioOf().length === 3200);
    expect(service.sessions).toHaveLength(2);
  });

  it('a recording whose session is gone fails rather than miss a part', async () => {
    const service = await serve();
    const stream = start(service, { live: false });
    await stream.send(bytes(32_000));
    await eventually(() => service.sessions.length === 1 && service.audioOf().length === 32_000);
    service.forget = true;
    service.cut();
    await expect(lastValueFrom(stream.events$)).rejects.toMatchObject({ code: 'session-unknown' });
  });

  it('buffers while away, bounded; the gap is declared', async () => {
    const service = await serve();
    const stream = start(service, { bufferSeconds: 1, backoffMs: [200, 200] });
    await opened(stream);
    service.cut();
    await until(stream.status$, ({ state }) => state === 'waiting');
    for (let second = 0; second < 5; second++) await stream.send(bytes(32_000));
    expect(stream.droppedSeconds).toBeCloseTo(4);
    await eventually(() => service.audioOf().length === 32_000);
    expect(service.session.skipped[0]).toBe(64_000);
  });

  it('complains of sound that ends inside a sample; all before it is told', async () => {
    const service = await serve();
    const stream = start(service);
    const all = lastValueFrom(stream.events$.pipe(toArray()));
    const notices = lastValueFrom(stream.notices$.pipe(toArray()));
    await stream.send(bytes(641));
    await opened(stream);
    stream.end();
    stream.end();
    expect(types(await all)).toEqual(['end']);
    expect(service.audioOf()).toHaveLength(640);
    expect(await notices).toMatchObject([{ type: 'error', code: 'audio-truncated', fatal: false }]);
  });

  it('a microphone that goes on after the end harms nobody, though nobody awaits it', async () => {
    const stream = start(await serve());
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      stream.end();
      void stream.send(bytes(640));
      stream.close();
      void stream.send(bytes(640));
      await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      process.removeListener('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
    await expect(stream.send(bytes(640))).rejects.toMatchObject({ code: 'source-closed' });
  });

  it('a recording waits for credit', async () => {
    const service = await serve({ creditBytes: 64_000, manualAcks: true });
    const stream = start(service, { live: false, bufferSeconds: 1 });
    await opened(stream);
    await stream.send(bytes(64_000));
    let more = false;
    const third = stream.send(bytes(64_000)).then(() => (more = true));
    await eventually(() => service.audioOf().length === 64_000);
    expect(more).toBe(false);
    service.ackAll();
    await third;
    expect(stream.droppedSeconds).toBe(0);
  });

  it('asks for a ticket with the token for each connection, and never puts either into the URL', async () => {
    const service = await serve({ token: 'sesame' });
    const stream = start(service, { token: () => Promise.resolve('sesame') });
    await opened(stream);
    service.cut();
    await eventually(() => service.hellos.length === 2);
    expect(service.tickets).toEqual(['used', 'used']);
  });

  it('a wrong token, or none, ends the stream with the reason', async () => {
    const service = await serve({ token: 'sesame' });
    for (const token of ['wrong', undefined])
      await expect(lastValueFrom(start(service, { token }).events$)).rejects.toMatchObject({
        code: 'server-unauthorized',
      });
  });

  it('tries again where the server is full, and gives up after the stated attempts', async () => {
    const service = await serve();
    service.refuse = { code: 4013, times: 2 };
    await opened(start(service));
    service.refuse = { code: 4013, times: 100 };
    const stream = start(service, { maxAttempts: 3 });
    await expect(lastValueFrom(stream.events$)).rejects.toMatchObject({ code: 'server-failed' });
    expect(service.refuse.times).toBe(97);
  });

  it('does not try again where that makes no sense', async () => {
    const service = await serve();
    service.refuse = { code: 4006, times: 100 };
    await expect(lastValueFrom(start(service).events$)).rejects.toMatchObject({ code: 'server-failed' });
    expect(service.refuse.times).toBe(99);
  });

  it('nobody at the address: an error after the stated attempts', async () => {
    const service = await FakeService.start();
    const { url } = service;
    await service.stop();
    const stream = connect({ url, WebSocket, backoffMs: [1, 5], maxAttempts: 2 });
    await expect(lastValueFrom(stream.events$)).rejects.toMatchObject({ code: 'server-unreachable' });
  });

  it('a server that falls silent counts as gone', async () => {
    const service = await serve({ manualAcks: true });
    const stream = start(service, { stallSeconds: 1 });
    await stream.send(bytes(100));
    await eventually(() => service.hellos.length === 2);
    expect(service.hellos[1]!.resume).toEqual({ session: 's0', token: 'secret', lastEvent: 0 });
  });

  it('says whose a turn was, and whose an unknown voice is who is enrolled', async () => {
    const service = await serve();
    const stream = start(service);
    await opened(stream);
    for (const [turn, name] of [
      [-1, 'carol'],
      [1.5, 'carol'],
      [1, ''],
    ] as const) {
      await expect(stream.assign(turn, name)).rejects.toMatchObject({ code: 'speaker-name' });
    }
    const assigned = stream.assign(3, 'Carol');
    const merged = stream.name('unknown-2', 'carol', { learn: true });
    await eventually(() => service.received.filter(({ type }) => type !== 'hello').length === 2);
    expect(service.received.slice(1)).toEqual([
      { type: 'assign', turn: 3, speaker: 'Carol' },
      { type: 'name', label: 'unknown-2', speaker: 'carol', learn: true, save: true },
    ]);
    for (const turn of [2, 3]) {
      const told = { turn, revision: 4, speaker: 'carol', start: 0, end: 1 };
      service.tell(inSeconds(correctionOf(told, 'bob')));
    }
    await assigned;
    service.tell({ type: 'named', atSample: 1, at: 0, label: 'unknown-2', speaker: 'carol', how: 'learnt' });
    await merged;
    const refused = stream.assign(9, 'dave');
    service.send({
      type: 'error',
      code: 'turn-not-found',
      message: 'no such turn',
      fatal: false,
      answers: { turn: 9, speaker: 'dave' },
    });
    await expect(refused).rejects.toMatchObject({ code: 'turn-not-found' });
  });

  it('names an unknown voice, after a resume too, or says why not', async () => {
    const service = await serve();
    const stream = start(service);
    await opened(stream);
    // What the server would take for a client that cannot speak is refused here, and the stream goes on.
    for (const [label, name] of [
      ['unknown-1', ''],
      ['', 'carol'],
      ['x'.repeat(65), 'carol'],
      ['unknown-1', 'x'.repeat(257)],
    ] as const) {
      await expect(stream.name(label, name)).rejects.toMatchObject({ code: 'speaker-name' });
    }
    const carol = stream.name('unknown-1', 'carol');
    await eventually(() => service.received.some(({ type }) => type === 'name'));
    service.cut();
    await eventually(() => service.received.filter(({ type }) => type === 'name').length === 2);
    service.tell({
      type: 'named',
      atSample: 1,
      at: 0,
      label: 'unknown-1',
      speaker: 'carol',
      how: 'enrolled',
    });
    await carol;
    const dave = stream.name('unknown-7', 'dave', { save: false });
    await eventually(() => service.received.filter(({ type }) => type === 'name').length === 3);
    expect(service.received.at(-1)).toEqual({
      type: 'name',
      label: 'unknown-7',
      speaker: 'dave',
      save: false,
    });
    // Of two that ask at once each gets the answer to its own question.
    const erin = stream.name('unknown-7', ' erin ', { save: false });
    const other = stream.name('unknown-8', 'erin');
    service.tell({ type: 'named', atSample: 1, at: 0, label: 'unknown-7', speaker: 'erin', how: 'enrolled' });
    await erin;
    const refused = { code: 'speaker-exists', message: 'there is one', fatal: false } as const;
    service.send({ type: 'error', ...refused, answers: { label: 'unknown-8', speaker: 'erin' } });
    await expect(other).rejects.toMatchObject({ code: 'speaker-exists' });
    service.send({
      type: 'error',
      code: 'speaker-not-found',
      message: 'no unknown-7',
      fatal: false,
      answers: { label: 'unknown-7', speaker: 'dave' },
    });
    await expect(dave).rejects.toMatchObject({ code: 'speaker-not-found', message: 'no unknown-7' });
    // A name that is neither told nor refused is waited for without end.
  }, 20_000);

  it('tells the server now and then that events came in', async () => {
    const service = await serve();
    const stream = start(service);
    await opened(stream);
    for (let i = 0; i < 40; i++) service.tell(silence(i));
    await eventually(() => service.received.filter(({ type }) => type === 'received').length === 2);
    expect(service.received.at(-1)).toEqual({ type: 'received', event: 32 });
  });

  it('refuses bad options by name, with what was expected and what came', () => {
    const bad: [object, string][] = [
      [{ url: 'nonsense' }, '"url": expected an address such as http://127.0.0.1:7979, received "nonsense"'],
      [{ url: 'ftp://host' }, '"url": expected an http, https, ws or wss address, received "ftp://host"'],
      [{ url: 5 }, '"url": expected an address such as http://127.0.0.1:7979, received 5'],
      [{ sampleRateHz: 96_000 }, '"sampleRateHz": expected 8000 to 48000, received 96000'],
      [{ sampleRateHz: '16000' }, '"sampleRateHz": expected 8000 to 48000, received "16000"'],
      [{ channels: 1.5 }, '"channels": expected a whole number, received 1.5'],
      [{ encoding: 'mp3' }, '"encoding": expected s16le, f32le, mulaw or alaw, received "mp3"'],
      [{ tokn: 'x' }, '"tokn": no such option'],
      [{ bufferSeconds: NaN }, '"bufferSeconds": expected 1 to 3600, received NaN'],
      [{ maxAttempts: 0 }, '"maxAttempts": expected 1 or more, received 0'],
      [{ backoffMs: 500 }, '"backoffMs": expected two numbers, the first and the most, received 500'],
      [{ backoffMs: [1] }, '"backoffMs": expected two numbers, the first and the most, received an array'],
      [
        { backoffMs: { first: 1 } },
        '"backoffMs": expected two numbers, the first and the most, received an object',
      ],
      [{ backoffMs: ['1', 5] }, '"backoffMs": expected 1 to 600000, received "1"'],
      [{ backoffMs: [5, 2] }, '"backoffMs": expected 5 to 600000, received 2'],
      [{ live: 'no' }, '"live": expected true or false, received "no"'],
      [{ latencySeconds: 'soon' }, '"latencySeconds": expected 0.5 to 10, received "soon"'],
      [{ token: 5 }, '"token": expected a string or a function, received 5'],
      [{ fetch: 'get' }, '"fetch": expected a function, received "get"'],
      [{ WebSocket: {} }, '"WebSocket": expected a class, received an object'],
    ];
    for (const [options, message] of bad) {
      expect(() => connect({ url: 'http://127.0.0.1:1', WebSocket, ...options })).toThrow(
        expect.objectContaining({ code: 'invalid-option', message: `connect: option ${message}` }) as Error,
      );
    }
    for (const none of [null, undefined, 'http://127.0.0.1:1']) {
      expect(() => connect(none as never)).toThrow(/^connect: expected an object of options, received /);
      expect(() => speakers(none as never)).toThrow(/^speakers: expected an object of options, received /);
    }
    expect(() => speakers({ url: 'x' })).toThrow(/^speakers: option "url": expected an address/);
  });
});
