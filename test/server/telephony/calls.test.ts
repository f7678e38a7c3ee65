import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RunningServer } from '../../../src/server/index.js';
import { AUDIO } from '../../helpers.js';
import { realService } from '../../client/real-service.js';
import { started } from '../started.js';
import { CallReader } from './call-reader.js';
import { meetingOnThePhone } from './call-sound.js';
import { FakeProvider, type CallPlan } from './fake-provider.js';

const silence = (seconds: number): Float32Array => new Float32Array(8000 * seconds);

/** The turns of the enrolled speakers in the example meeting, seconds. */
const TURNS = readFileSync(`${AUDIO}/meeting.rttm`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' '))
  .map((words) => [Number(words[3]), Number(words[3]) + Number(words[4]), words[7]!] as const)
  .filter(([, , speaker]) => speaker !== 'carol');

const nameAt = (reader: CallReader, track: string, seconds: number): string | undefined =>
  reader.finals(track).find(({ start, end }) => start <= seconds && seconds < end)?.speaker;

describe('a telephone call', () => {
  let server: RunningServer;
  beforeAll(async () => {
    // Room for all of the call: it comes faster than a busy machine takes it.
    server = await realService({
      maxLiveSpeed: 100,
      bufferSeconds: 60,
      maxStreams: 64,
      refuseWhenBehind: false,
    });
  });
  afterAll(() => server.close());

  it.each([
    ['twilio', 'mulaw'],
    ['telnyx', 'mulaw'],
    ['telnyx', 'alaw'],
  ] as const)('of %s (%s): who speaks on which track', async (provider, law) => {
    const phone = await FakeProvider.connect({
      provider,
      law,
      port: server.port,
      parameters: { order: '17' },
      sound: { inbound: meetingOnThePhone(), outbound: meetingOnThePhone(4, 16) },
    });
    phone.connected();
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    await phone.media(1);
    phone.mark('greeting');
    phone.dtmf('5');
    await phone.media();
    phone.stop();
    expect(await phone.closed).toEqual({ code: 1000, reason: 'done' });
    expect(await reader.closed).toBe(1000);
    expect(phone.received).toEqual([]);

    // Both tracks have one clock, that of the call: the second begins with second 4 of the meeting.
    for (const [from, to, speaker] of TURNS) {
      expect(nameAt(reader, 'inbound', (from + to) / 2), `${speaker} at ${from} s`).toBe(speaker);
      if (from >= 4 && to <= 16)
        expect(nameAt(reader, 'outbound', (from + to) / 2 - 4), `${speaker} at ${from} s`).toBe(speaker);
    }

    expect(reader.messages.map(({ id }) => id)).toEqual(reader.messages.map((_, i) => i + 1));
    expect(reader.messages[0]).toMatchObject({
      type: 'started',
      provider,
      stream: phone.stream,
      resumed: false,
      parameters: { order: '17' },
    });
    expect(reader.of('track').map(({ track }) => track)).toEqual(['inbound', 'outbound']);
    expect(reader.of('mark')).toMatchObject([{ name: 'greeting' }]);
    expect(reader.of('dtmf')).toMatchObject([
      { digit: '5', track: provider === 'twilio' ? 'inbound' : null },
    ]);
    const ended = reader.messages.at(-1);
    expect(ended).toMatchObject({ type: 'ended', missing: 0, late: 0 });
    expect(ended).not.toHaveProperty('error');
    expect(ended).toHaveProperty('seconds', expect.closeTo(meetingOnThePhone().length / 8000, 1));
    expect(reader.of('event').filter(({ event }) => event.type === 'lag')).toEqual([]);
  });

  it('names an unknown speaker of one track, and not the other', async () => {
    const server = await realService({ maxLiveSpeed: 100, bufferSeconds: 60, refuseWhenBehind: false }, []);
    onTestFinished(() => server.close());
    const unknown = meetingOnThePhone(10.5, 15.2);
    const phone = await FakeProvider.connect({
      port: server.port,
      sound: { inbound: unknown, outbound: unknown },
    });
    phone.connected();
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    await phone.media();
    for (const track of ['inbound', 'outbound'])
      await reader.wait(
        'event',
        (told) =>
          told.track === track && told.event.type === 'tentative' && told.event.speaker === 'unknown-1',
      );
    const { session } = await reader.wait('track', ({ track }) => track === 'outbound');
    const body = JSON.stringify({ label: 'unknown-1', speaker: 'dana', save: false });
    const reply = await fetch(`${server.url}/v1/sessions/${session}/names`, { method: 'POST', body });
    expect(reply.status, await reply.text()).toBe(200);
    phone.stop();
    await reader.closed;
    const last = (track: string): string | undefined => reader.finals(track).at(-1)?.speaker;
    expect([last('inbound'), last('outbound')]).toEqual(['unknown-1', 'dana']);
  });
});

describe('the words of a call', () => {
  it('are named by the track that their recogniser heard, on the clock of the call', async () => {
    const server = await realService({ maxLiveSpeed: 100, bufferSeconds: 60, refuseWhenBehind: false });
    onTestFinished(() => server.close());
    const [from, to, speaker] = TURNS[0]!;
    const said = meetingOnThePhone(from, to);
    const phone = await FakeProvider.connect({
      port: server.port,
      sound: { inbound: new Float32Array(said.length), outbound: said },
    });
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    await phone.media();
    for (const track of ['inbound', 'outbound']) {
      const { session } = await reader.wait('track', (told) => told.track === track);
      const body = JSON.stringify({ words: [{ text: track, start: 1.5, end: 2 }], final: true });
      const reply = await fetch(`${server.url}/v1/sessions/${session}/words`, { method: 'POST', body });
      expect(reply.ok, await reply.text()).toBe(true);
    }
    phone.stop();
    await reader.closed;
    const named = reader
      .of('event')
      .flatMap(({ track, event }) =>
        event.type === 'words' ? event.words.map((word) => [track, word.text, word.speaker, word.final]) : [],
      );
    expect(named).toContainEqual(['outbound', 'outbound', speaker, true]);
    expect(named.filter(([track]) => track === 'inbound').at(-1)).toEqual([
      'inbound',
      'inbound',
      'unknown',
      true,
    ]);
  });
});

describe('the clock of a call', () => {
  const plan = (server: RunningServer, more: Partial<CallPlan> = {}): CallPlan => ({
    port: server.port,
    sound: { inbound: silence(6) },
    ...more,
  });
  const fast = { maxLiveSpeed: 100, bufferSeconds: 60 };

  it('has a track that sends nothing in step, as silence', async () => {
    const server = await started(fast);
    const phone = await FakeProvider.connect(
      plan(server, { sound: { inbound: silence(6), outbound: new Float32Array(0) } }),
    );
    phone.connected();
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    await phone.media();
    // It speaks late: what it says lies where its timestamps say.
    phone.packet('outbound', new Uint8Array(1600).fill(0xff), 6000);
    phone.stop();
    await reader.closed;
    const ends = reader
      .of('event')
      .flatMap(({ track, event }) => (event.type === 'end' ? [[track, event.end]] : []));
    expect(ends).toEqual(
      expect.arrayContaining([
        ['inbound', 6],
        ['outbound', 6.2],
      ]),
    );
    expect(reader.of('event').filter(({ event }) => event.type === 'lag')).toEqual([]);
  });

  it('tells lost messages as a gap, and counts them', async () => {
    const server = await started(fast);
    const phone = await FakeProvider.connect(plan(server));
    phone.connected();
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    await phone.media(2);
    phone.lose(50);
    phone.packet('inbound', new Uint8Array(1600).fill(0xff), 3000);
    phone.stop();
    await reader.closed;
    const lags = reader
      .of('event')
      .flatMap(({ event }) => (event.type === 'lag' ? [[event.start, event.lostSamples / 16_000]] : []));
    expect(lags).toEqual([[expect.closeTo(2.1, 1), expect.closeTo(0.9, 1)]]);
    expect(await reader.wait('irregular')).toMatchObject({ missing: 50, late: 0 });
    expect(await reader.wait('ended')).toMatchObject({ missing: 50, late: 0, seconds: 3.2 });
  });

  it('puts messages that changed places in order', async () => {
    const server = await started(fast);
    const phone = await FakeProvider.connect(plan(server, { provider: 'telnyx' }));
    phone.connected();
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    const packet = (at: number): object => ({
      event: 'media',
      sequence_number: String(at + 2),
      stream_id: phone.stream,
      media: {
        track: 'inbound',
        chunk: String(at + 1),
        timestamp: String(at * 20),
        payload: Buffer.alloc(160, 0xff).toString('base64'),
      },
    });
    for (const at of [1, 0, 3, 4, 2, 5, 5, 0, 7, 6]) phone.raw(JSON.stringify(packet(at)));
    phone.raw(JSON.stringify({ event: 'stop', sequence_number: '10', stream_id: phone.stream, stop: {} }));
    await reader.closed;
    expect(await reader.wait('ended')).toMatchObject({ missing: 0, late: 2, seconds: 0.16 });
    expect(reader.of('event').filter(({ event }) => event.type === 'lag')).toEqual([]);
  });

  it.each(['neither numbers nor times', 'chunks that go backwards'])(
    'needs no chunk numbers: %s',
    async (what) => {
      const server = await started(fast);
      const phone = await FakeProvider.connect(plan(server));
      phone.connected();
      phone.start();
      const reader = await CallReader.of(server, phone.call);
      const payload = Buffer.alloc(160, 0xff).toString('base64');
      for (let i = 0; i < 100; i++) {
        if (what.startsWith('chunks')) phone.packet('inbound', payload, i * 20, { chunk: String(1000 - i) });
        else phone.raw(JSON.stringify({ event: 'media', streamSid: phone.stream, media: { payload } }));
      }
      phone.stop();
      await reader.closed;
      expect(await reader.wait('ended')).toMatchObject({ late: 0, seconds: 2 });
    },
  );

  it('drops what is older than what came before, and says so', async () => {
    const server = await started(fast);
    const phone = await FakeProvider.connect(plan(server));
    phone.connected();
    phone.start();
    const reader = await CallReader.of(server, phone.call);
    await phone.media(2);
    for (let i = 0; i < 10; i++) phone.packet('inbound', new Uint8Array(160), 100);
    await phone.media(1);
    phone.stop();
    await reader.closed;
    expect(await reader.wait('irregular')).toMatchObject({ late: 1 });
    expect(await reader.wait('ended')).toMatchObject({ late: 10, seconds: 3 });
  });
});
