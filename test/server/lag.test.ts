import { describe, expect, it } from 'vitest';
import type { EnrollModel } from '../../src/index.js';
import { MAX_SKIPPED_SECONDS } from '../../src/protocol/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { started } from './started.js';
import { cheapModel, hello, meetingPcm, open, type Told } from './support.js';

async function begin(server: RunningServer, more: object = {}): Promise<Told> {
  const client = await open(server);
  client.send({ ...hello, live: true, ...more });
  await client.wait('welcome');
  return client;
}

/** A network that answers when it is let. */
function gated(): { model: EnrollModel; release: () => void } {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const embedWindow: EnrollModel['embedWindow'] = async (window) => {
    await gate;
    return cheapModel.embedWindow(window);
  };
  return { model: { ...cheapModel, embedWindow }, release };
}

const rate = hello.sampleRateHz;
const DAY = MAX_SKIPPED_SECONDS * rate;

describe('audio that a client skipped', () => {
  it('is no lag: others are let in, and no metric has it', async () => {
    const { model, release } = gated();
    const server = await started({ refuseWhenBehind: true }, model);
    const skipping = await begin(server);
    // More than goes into the pipeline while the network stands still: the gap waits too.
    for (let i = 0; i < 4; i++) skipping.audio(i, meetingPcm(4), i === 3 ? DAY : 0);
    await skipping.wait('ack', ({ sequence }) => sequence === 3);
    const [session] = server.sessions.all();
    expect(session!.behindSeconds).toBeLessThan(60);
    release();
    await expect.poll(() => session!.behindSeconds, { timeout: 60_000 }).toBeLessThan(1);
    for (let i = 0; i < 3; i++) await begin(server);

    skipping.send({ type: 'end', messages: 4 });
    expect(await skipping.closed).toBe(1000);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const of = (name: string): number => Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(metrics)![1]);
    expect(of('whospeaks_audio_seconds_total')).toBeLessThan(60);
    expect(of('whospeaks_event_delay_seconds_sum')).toBeLessThan(60);
    expect(of('whospeaks_lag_seconds')).toBeLessThan(60);
  });

  it('is a day at most in a message', async () => {
    const server = await started();
    for (const skipped of [DAY + 1, 0xffff_ffff]) {
      const client = await begin(server);
      client.audio(0, meetingPcm(0.1));
      client.audio(1, meetingPcm(0.1), skipped);
      expect(await client.wait('error')).toMatchObject({ code: 'protocol-message', fatal: true });
      expect(await client.closed).toBe(4000);
    }
  });

  it('is not declared thousands of times at once', async () => {
    const server = await started();
    const client = await begin(server, { sampleRateHz: 44_100 });
    const startMs = performance.now();
    for (let i = 0; i < 3000; i++) client.audio(i, new Uint8Array(2), 44_100);
    expect(await client.wait('error')).toMatchObject({ code: 'protocol-message', fatal: true });
    expect(server.sessions.all()[0]!.heardSeconds).toBeLessThan(60);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });

  it('costs the sender the silence that it is filled with', async () => {
    const server = await started({ bufferSeconds: 1, maxLiveSpeed: 1 });
    const client = await begin(server);
    const startMs = performance.now();
    // 40 messages of nearly nothing; the gaps are filled with 4 s of silence.
    for (let i = 0; i < 40; i++) client.audio(i, new Uint8Array(2), rate);
    await client.wait('ack', ({ sequence }) => sequence === 39);
    // Read already, all of them; what comes after waits.
    client.audio(40, new Uint8Array(2));
    await client.wait('ack', ({ sequence }) => sequence === 40);
    expect(performance.now() - startMs).toBeGreaterThan(1500);
  });
});

describe('a server that is behind', () => {
  it('refuses new streams while its network is, and takes them again', async () => {
    const { model, release } = gated();
    const server = await started({ refuseWhenBehind: true }, model);
    const first = await begin(server);
    first.audio(0, meetingPcm(6));
    const refused = async (): Promise<boolean> => {
      const client = await open(server);
      client.send({ ...hello, live: true });
      const told = await Promise.race([client.wait('welcome'), client.wait('error')]);
      client.socket.terminate();
      return told.type === 'error' && told.code === 'server-full';
    };
    await expect.poll(refused, { timeout: 60_000, interval: 300 }).toBe(true);
    const lag = await first.wait('lag');
    expect(lag.behindSeconds).toBeGreaterThan(1);
    release();
    await expect.poll(refused, { timeout: 60_000, interval: 300 }).toBe(false);
  });

  it('does not take one stream that sent too much for the machine', async () => {
    const { model, release } = gated();
    const server = await started({ refuseWhenBehind: true, maxLiveSpeed: 100 }, model);
    const recorded = await open(server);
    recorded.send(hello);
    await recorded.wait('welcome');
    recorded.audio(0, meetingPcm(6));
    await expect
      .poll(() => server.sessions.all()[0]!.behindSeconds, { timeout: 60_000 })
      .toBeGreaterThan(1.2);
    await begin(server);
    release();
  });
});
