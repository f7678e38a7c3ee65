import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { AUDIO, ROOT } from '../helpers.js';
import { hello, meetingPcm, open } from '../server/support.js';

interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  readonly url: string;
  readonly exited: Promise<unknown[]>;
  readonly log: () => string;
}

const running: Served[] = [];
const homes: string[] = [];
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

/** `whospeaks serve` in a process of its own, once it listens. */
async function served(...flags: string[]): Promise<Served> {
  const home = mkdtempSync(join(tmpdir(), 'whospeaks-home-'));
  homes.push(home);
  const child = spawn(
    process.execPath,
    ['dist/cli/main.js', 'serve', '--port', '0', '--max-streams', '4', ...flags],
    { cwd: ROOT, env: { ...process.env, WHOSPEAKS_HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      log += text.toString();
      const found = /"url":"([^"]+)"/.exec(log);
      if (found) resolve(found[1]!);
    });
    child.once('exit', () => {
      reject(new Error(`it ended before it listened: ${log}`));
    });
  });
  const server = { child, port: Number(new URL(url).port), url, exited, log: () => log };
  running.push(server);
  return server;
}

describe('whospeaks serve', () => {
  it('SIGTERM: clients are told, streams are told to their ends, and the process ends with 0', async () => {
    const server = await served('--drain-seconds', '0.5');
    const body = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));
    expect((await fetch(`${server.url}/v1/speakers/alice`, { method: 'PUT', body })).status).toBe(201);
    const live = await open(server);
    live.send({ ...hello, live: true });
    await live.wait('welcome');
    live.audio(0, meetingPcm(3));
    await live.wait('ack', ({ sequence }) => sequence === 0);
    server.child.kill('SIGTERM');
    expect(await live.wait('drain')).toEqual({ type: 'drain', deadlineSeconds: 0.5 });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    // The tail: what was said is settled, and the last event is the end of all that was sent.
    expect(await live.closed).toBe(1012);
    const events = live.messages.flatMap((message) => (message.type === 'event' ? [message.event] : []));
    expect(events.some((event) => event.type === 'final' && event.speaker === 'alice')).toBe(true);
    expect(events.at(-1)).toMatchObject({ type: 'end', endSample: 48_000 });
    expect(await server.exited).toEqual([0, null]);
    expect(server.log()).toContain('draining');
  });

  it('a stream that ends in time is closed as ever, and nobody waits for the deadline', async () => {
    const server = await served('--drain-seconds', '60');
    const stream = await open(server);
    stream.send(hello);
    await stream.wait('welcome');
    server.child.kill('SIGINT');
    await stream.wait('drain');
    stream.audio(0, meetingPcm(1));
    stream.send({ type: 'end', messages: 1 });
    expect(await stream.closed).toBe(1000);
    expect(await server.exited).toEqual([0, null]);
  });

  it('a second signal ends it at once', async () => {
    const server = await served('--drain-seconds', '60');
    const stream = await open(server);
    stream.send(hello);
    await stream.wait('welcome');
    server.child.kill('SIGTERM');
    await stream.wait('drain');
    server.child.kill('SIGTERM');
    expect(await server.exited).toEqual([null, 'SIGTERM']);
  });

  it('a process that was stopped for longer than any time-out keeps its connections', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'whospeaks-home-')), 'config.json');
    homes.push(dirname(file));
    writeFileSync(file, '{"idleTimeoutSeconds": 2, "helloTimeoutSeconds": 2, "audioTimeoutSeconds": 2}');
    const server = await served('--config', file);
    const stream = await open(server);
    stream.send(hello);
    await stream.wait('welcome');
    const silent = await open(server);
    server.child.kill('SIGSTOP');
    await sleep(2600);
    server.child.kill('SIGCONT');
    await sleep(200);
    silent.send(hello);
    await silent.wait('welcome');
    stream.audio(0, meetingPcm(1));
    stream.send({ type: 'end', messages: 1 });
    expect(await stream.closed).toBe(1000);
    expect(await silent.closed).toBe(4002);
  });

  it('an engine that is not here ends the start with its code', async () => {
    await expect(served('--engine', 'abacus')).rejects.toThrow('ended before');
    const server = await served('--engine', 'cpu');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});
