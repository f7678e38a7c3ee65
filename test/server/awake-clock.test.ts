import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { awakeClock } from '../../src/server/awake-clock.js';
import type { RunningServer } from '../../src/server/index.js';
import { hello, meetingPcm, open, startServer } from './support.js';

describe('awakeClock', () => {
  it('goes with the clock, stands still while nobody asks, and never goes back', () => {
    let nowMs = 5000;
    const clock = awakeClock(() => nowMs, 500);
    const at = (ms: number): number => {
      nowMs = ms;
      return clock();
    };
    expect([5100, 5200, 5700].map(at)).toEqual([100, 200, 700]);
    expect(at(35_700)).toBe(1200);
    expect(at(35_800)).toBe(1300);
    expect(at(0)).toBe(1300);
    expect(at(100)).toBe(1400);
  });
});

describe('a process that stood still for hours', () => {
  let server: RunningServer;
  let passedMs = 0;
  beforeAll(async () => {
    server = await startServer({ requestBurst: 2, requestsPerSecond: 0.01 }, undefined, {
      nowMs: () => performance.now() + passedMs,
    });
  });
  afterAll(() => server.close());

  it('resets no connection, forgets no session and no ticket, and gives nobody more requests', async () => {
    const { ticket } = (await (await fetch(`${server.url}/v1/tickets`, { method: 'POST' })).json()) as {
      ticket: string;
    };
    const lost = await open(server);
    lost.send({ ...hello, live: true });
    const { session, resumeToken } = await lost.wait('welcome');
    lost.audio(0, meetingPcm(0.1));
    await lost.wait('ack');
    lost.socket.terminate();
    await expect.poll(() => server.sessions.all().some(({ isConnected }) => isConnected)).toBe(false);
    // The two requests are used up: a ticket is what still opens a socket.
    const protocols = ['whospeaks.v1', `whospeaks.ticket.${ticket}`];

    passedMs += 5 * 3600 * 1000;
    await sleep(300);

    expect((await fetch(`${server.url}/v1/speakers`)).status).toBe(429);
    const back = await open(server, { protocols });
    back.send({ ...hello, live: true, resume: { session, token: resumeToken, lastEvent: 0 } });
    expect(await back.wait('welcome')).toMatchObject({ resumed: true, nextSequence: 1 });

    passedMs += 5 * 3600 * 1000;
    await sleep(300);
    back.audio(1, meetingPcm(0.1));
    await back.wait('ack', ({ sequence }) => sequence === 1);
    back.send({ type: 'end', messages: 2 });
    expect(await back.closed).toBe(1000);
  });
});
