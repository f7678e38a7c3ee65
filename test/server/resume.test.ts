import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../src/evaluate/index.js';
import { SpeakerModel } from '../../src/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { sendAll } from './reference-client.js';
import { CuttingProxy, dataWithExamples, hello, meetingPcm, open, startServer } from './support.js';

const CUTS = 200;

describe('resume', () => {
  let server: RunningServer;
  let model: SpeakerModel;
  beforeAll(async () => {
    model = await SpeakerModel.fromPretrained();
    // A live stream drops what its server cannot take in time: here nothing, however busy the machine is.
    // All connections that are cut, and those of the other tests, are within the limit of requests.
    server = await startServer(
      { dataFolder: await dataWithExamples(), bufferSeconds: 60, maxLiveSpeed: 100, requestBurst: 1000 },
      model,
    );
  });
  afterAll(async () => {
    await server.close();
    model.close();
  });

  it.each([
    ['recorded', false],
    ['live', true],
  ])(`a %s stream cut ${CUTS} times tells what an uncut one tells`, async (_, live) => {
    const pcm = meetingPcm();
    const uncut = await sendAll(() => server.port, { ...hello, live }, pcm, 3200);
    expect(uncut.connections).toBe(1);
    expect(uncut.events.at(-1)!.type).toBe('end');
    expect(uncut.events.length).toBeGreaterThan(15);
    expect(uncut.events.some((event) => event.type === 'final' && event.speaker === 'bob')).toBe(true);

    const draw = new Random(11);
    // Few enough bytes a part that the cuts are done before the recording is. A connection that the server's
    // limits refuse was not cut and does not count.
    const mean = (pcm.length * 0.6) / CUTS;
    const proxy: CuttingProxy = await CuttingProxy.start(server.port, () =>
      proxy.cuts >= CUTS ? Infinity : Math.ceil(draw.next() * 2 * mean) + 1,
    );
    const cut = await sendAll(() => proxy.port, { ...hello, live }, pcm, 3200);
    await proxy.close();
    expect(proxy.cuts).toBe(CUTS);
    expect(cut.sentAfterAck).toBe(0);
    expect(cut.ids).toEqual(cut.events.map((_, i) => i + 1));
    expect(cut.events).toEqual(uncut.events);
  });

  it('refuses a wrong token, a wrong session and another group alike', async () => {
    const first = await open(server);
    first.send(hello);
    const { session, resumeToken } = await first.wait('welcome');
    for (const resume of [
      { session, token: 'wrong', lastEvent: 0 },
      { session: 's_none', token: resumeToken, lastEvent: 0 },
      { session, token: resumeToken, lastEvent: 99 },
    ]) {
      const again = await open(server);
      again.send({ ...hello, resume });
      expect(await again.wait('error')).toMatchObject({ code: 'session-unknown', fatal: true });
      expect(await again.closed).toBe(4004);
    }
    expect(first.socket.readyState).toBe(first.socket.OPEN);
    first.socket.terminate();
  });

  it('hangs up the connection that was thought open', async () => {
    const first = await open(server);
    first.send(hello);
    const { session, resumeToken } = await first.wait('welcome');
    const second = await open(server);
    second.send({ ...hello, resume: { session, token: resumeToken, lastEvent: 0 } });
    expect(await second.wait('welcome')).toMatchObject({ resumed: true, nextSequence: 0 });
    expect(await first.closed).toBe(4009);
    second.socket.close(1000);
    await second.closed;
  });

  it('forgets a session when its window is over, and one that the client gave up at once', async () => {
    const short = await startServer({ resumeWindowSeconds: 0.3 });
    const lost = await open(short);
    lost.send(hello);
    const welcome = await lost.wait('welcome');
    // Without any it would have no place to give up.
    lost.audio(0, meetingPcm(0.1));
    await lost.wait('ack');
    lost.socket.terminate();
    await expect.poll(() => short.sessions.running, { timeout: 60_000 }).toBe(0);
    const late = await open(short);
    late.send({ ...hello, resume: { session: welcome.session, token: welcome.resumeToken, lastEvent: 0 } });
    expect(await late.closed).toBe(4004);
    await short.close();

    const givenUp = await open(server);
    givenUp.send(hello);
    await givenUp.wait('welcome');
    const before = server.sessions.running;
    givenUp.socket.close(1000);
    await givenUp.closed;
    await expect.poll(() => server.sessions.running, { timeout: 60_000 }).toBe(before - 1);
  });
});
