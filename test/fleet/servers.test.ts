import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom, toArray, filter } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/index.js';
import { FleetConnection } from '../../src/fleet/fleet-connection.js';
import { parseFleetUrl } from '../../src/fleet/fleet-url.js';
import { readStored } from '../../src/fleet/read-stored.js';
import type { RunningServer, ServerConfigInput } from '../../src/server/index.js';
import { AUDIO } from '../helpers.js';
import { enrolExamples, meetingPcm, startServer } from '../server/support.js';
import { freePort, NatsServer } from './nats-server.js';

let nats: NatsServer;
let deployments = 0;
const running: RunningServer[] = [];
beforeAll(async () => {
  nats = await NatsServer.start();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});
afterAll(async () => {
  await nats.stop();
});

const newFleet = (): string => `${nats.url}/d${++deployments}`;
async function member(fleet: string, settings: ServerConfigInput = {}): Promise<RunningServer> {
  const server = await startServer({ fleet, ...settings });
  running.push(server);
  return server;
}
const names = async (server: RunningServer): Promise<string[]> => {
  const reply = (await (await fetch(`${server.url}/v1/speakers`)).json()) as { speakers: { name: string }[] };
  return reply.speakers.map(({ name }) => name);
};
const enrol = (server: RunningServer, name: string): Promise<Response> =>
  fetch(`${server.url}/v1/speakers/${name}`, {
    method: 'PUT',
    body: new Uint8Array(readFileSync(`${AUDIO}/alice.wav`)),
  });
const stream = (url: string): ReturnType<typeof connect> =>
  connect({ url, WebSocket, backoffMs: [50, 200], bufferSeconds: 60 });

describe('two servers of a fleet', () => {
  it('share speakers: a change on one is in the running sessions of the other', async () => {
    const fleet = newFleet();
    const [a, b] = [await member(fleet), await member(fleet)];
    const client = stream(b.url);
    await firstValueFrom(client.status$.pipe(filter(({ state }) => state === 'open')));
    const told = firstValueFrom(client.notices$.pipe(filter(({ type }) => type === 'speakers')));
    expect((await enrol(a, 'alice')).status).toBe(201);
    expect(await told).toEqual({ type: 'speakers', speakers: ['alice'] });
    expect(await names(b)).toEqual(['alice']);
    await fetch(`${b.url}/v1/speakers/alice`, { method: 'DELETE' });
    await expect.poll(() => names(a)).toEqual([]);
    client.close();
  });

  it('know of each other, and that one has gone', async () => {
    const fleet = newFleet();
    const [a, b] = [await member(fleet), await member(fleet)];
    const servers = async (): Promise<number> =>
      ((await (await fetch(`${a.url}/readyz`)).json()) as { fleet: { servers: number } }).fleet.servers;
    await expect.poll(servers).toBe(2);
    await b.close();
    await expect.poll(servers).toBe(1);
  });

  it('send a client of a full one to the other, where clients reach each alone', async () => {
    const fleet = newFleet();
    const [portA, portB] = [await freePort(), await freePort()];
    const at = (port: number): ServerConfigInput => ({
      port,
      fleetAddress: `http://127.0.0.1:${port}`,
      maxStreams: 1,
    });
    const [a, b] = [await member(fleet, at(portA)), await member(fleet, at(portB))];
    await expect.poll(() => metric(a, 'whospeaks_fleet_servers')).toBe(2);
    const first = stream(a.url);
    await firstValueFrom(first.status$.pipe(filter(({ state }) => state === 'open')));
    const second = stream(a.url);
    await firstValueFrom(second.status$.pipe(filter(({ state }) => state === 'open')));
    expect([a.sessions.running, b.sessions.running]).toEqual([1, 1]);
    first.close();
    second.close();
  });

  it('answer with 503 and Retry-After before there is a WebSocket, behind a balancer', async () => {
    const a = await member(newFleet(), { maxStreams: 1 });
    const first = stream(a.url);
    await firstValueFrom(first.status$.pipe(filter(({ state }) => state === 'open')));
    const socket = new WebSocket(`${a.url.replace('http', 'ws')}/v1/stream`, 'whospeaks.v1');
    const answer = await new Promise<{ status?: number; retry?: string }>((resolve) => {
      socket.on('unexpected-response', (_, response) => {
        resolve({ status: response.statusCode!, retry: response.headers['retry-after']! });
        response.destroy();
      });
    });
    expect(answer).toEqual({ status: 503, retry: '2' });
    first.close();
  });

  it('let a client back to its stream on a full one', async () => {
    const a = await member(newFleet(), { maxStreams: 1 });
    const sockets: WebSocket[] = [];
    class Kept extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.push(this);
      }
    }
    const client = connect({ url: a.url, WebSocket: Kept, backoffMs: [50, 200], maxAttempts: 100 });
    const resumed: boolean[] = [];
    client.status$.subscribe((each) => {
      if (each.state === 'open') resumed.push(each.welcome.resumed);
    });
    await expect.poll(() => resumed).toEqual([false]);
    void client.send(meetingPcm(2));
    await expect.poll(() => a.sessions.all()[0]?.receivedSeconds).toBeGreaterThan(1);
    sockets[0]!.terminate();
    await expect.poll(() => resumed).toEqual([false, true]);
    client.close();
  });
});

describe('the events of a session', () => {
  it('are in the stream as the client has them, under the group and the session', async () => {
    const fleet = newFleet();
    const a = await member(fleet);
    await enrolExamples(a);
    const { events, session } = await hear(a.url);
    expect(events.length).toBeGreaterThan(5);
    expect(await stored(fleet, `default.${session}`)).toEqual(
      events.map((event, i) => ({ type: 'event', id: i + 1, event })),
    );
  });

  it('go on while NATS is out of reach, wait for it, and are whole in the stream afterwards', async () => {
    const fleet = newFleet();
    const a = await member(fleet);
    await enrolExamples(a);
    const client = stream(a.url);
    const all = lastValueFrom(client.events$.pipe(toArray()));
    let heard = 0;
    client.events$.subscribe(() => heard++);
    const opened = await firstValueFrom(client.status$.pipe(filter((status) => status.state === 'open')));
    const pcm = meetingPcm();
    void client.send(pcm.subarray(0, 32_000 * 8));
    await expect.poll(() => heard).toBeGreaterThan(1);
    await nats.kill();
    await expect.poll(() => metric(a, 'whospeaks_fleet_reachable')).toBe(0);
    const ready = (await (await fetch(`${a.url}/readyz`)).json()) as { status: string; fleet: object };
    expect(ready).toMatchObject({ status: 'ready', fleet: { reachable: false } });
    const refused = await enrol(a, 'carol');
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { error: { code: 'fleet-unreachable', message: expect.stringContaining('streams go on') as string } },
    ]);
    const before = heard;
    void client.send(pcm.subarray(32_000 * 8));
    client.end();
    const events = await all;
    expect(events.length).toBeGreaterThan(before);
    await nats.restart();
    const wanted = events.map((event, i) => ({ type: 'event', id: i + 1, event }));
    await expect
      .poll(() => stored(fleet, `default.${opened.welcome.session}`).catch(() => []))
      .toEqual(wanted);
  });
});

describe('a session', () => {
  it('begins anew where the next server hears it with other options', async () => {
    const fleet = newFleet();
    const port = await freePort();
    const a = await member(fleet, { port, latencySeconds: 2 });
    const client = connect({
      url: a.url,
      WebSocket,
      live: true,
      backoffMs: [50, 200],
      bufferSeconds: 60,
      maxAttempts: 50,
    });
    const all = lastValueFrom(client.events$.pipe(toArray()));
    let heard = 0;
    client.events$.subscribe({ next: () => heard++, error: () => undefined });
    await firstValueFrom(client.status$.pipe(filter(({ state }) => state === 'open')));
    const pcm = meetingPcm();
    void client.send(pcm.subarray(0, 32_000 * 12));
    await expect.poll(() => heard).toBeGreaterThan(1);
    await a.drain();
    await a.close();
    const b = await member(fleet, { port, latencySeconds: 3 });
    await firstValueFrom(client.status$.pipe(filter(({ state }) => state === 'open')));
    void client.send(pcm.subarray(32_000 * 12));
    client.end();
    expect((await all).map(({ type }) => type)).toContain('restarted');
    expect(await metric(b, 'whospeaks_fleet_refused_snapshots')).toBe(1);
  });

  it('is left at once by the server that another one took it from, and the client resumes', async () => {
    const fleet = newFleet();
    const a = await member(fleet);
    const client = stream(a.url);
    const all = lastValueFrom(client.events$.pipe(toArray()));
    const states: string[] = [];
    client.status$.subscribe(({ state }) => states.push(state));
    const { welcome } = await firstValueFrom(client.status$.pipe(filter((each) => each.state === 'open')));
    const connection = await FleetConnection.open(parseFleetUrl(fleet));
    // As a second server does that believes this one lost.
    const subject = connection.subjectOf('events', 'default', welcome.session);
    await connection.js.publish(subject, JSON.stringify({ type: 'resumed' }));
    await connection.close();
    void client.send(meetingPcm());
    client.end();
    await expect.poll(() => states.includes('waiting'), { timeout: 8000 }).toBe(true);
    expect((await all).filter(({ type }) => type === 'restarted')).toEqual([]);
  });
});

async function hear(url: string): Promise<{ events: unknown[]; session: string }> {
  const client = stream(url);
  const events = lastValueFrom(client.events$.pipe(toArray()));
  const opened = await firstValueFrom(client.status$.pipe(filter((status) => status.state === 'open')));
  void client.send(meetingPcm());
  client.end();
  return { events: await events, session: opened.welcome.session };
}

async function stored(fleet: string, subject: string): Promise<unknown[]> {
  const connection = await FleetConnection.open(parseFleetUrl(fleet));
  try {
    const { deployment } = connection.address;
    const found: unknown[] = [];
    for await (const message of readStored(
      connection,
      `${deployment}_events`,
      `${deployment}.events.${subject}`,
    ))
      found.push(message.json());
    return found;
  } finally {
    await connection.close();
  }
}

async function metric(server: RunningServer, name: string): Promise<number> {
  const text = await server.metrics.text(null);
  await sleep(0);
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

describe('examples/fleet-listener.ts', () => {
  it('tells who spoke, and goes on where it stopped', async () => {
    const fleet = newFleet();
    const a = await member(fleet);
    await enrolExamples(a);
    const deployment = fleet.split('/').at(-1)!;
    const { session } = await hear(a.url);
    const first = await listen(deployment, (text) => text.includes('alice'));
    expect(first).toMatch(new RegExp(`^${session}: \\d+\\.\\d - \\d+\\.\\d {2}\\S+$`, 'm'));
    const later = await hear(a.url);
    const second = await listen(deployment, (text) => text.includes(later.session));
    expect(second).not.toContain(session);
  });
});

async function listen(deployment: string, isEnough: (text: string) => boolean): Promise<string> {
  const args = ['--import', 'tsx', 'examples/fleet-listener.ts', nats.url, deployment, 'default', 'test'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const over = once(child, 'exit');
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    if (isEnough(text)) setTimeout(() => child.kill('SIGTERM'), 500);
  });
  await over;
  return text;
}
