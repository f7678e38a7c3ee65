import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { makeToken } from '../../src/server/index.js';
import { AUDIO, ROOT, whospeaks } from '../helpers.js';
import { makeCertificate } from '../server/certificate.js';
import { hello, meetingPcm, open } from '../server/support.js';

interface Served {
  readonly child: ChildProcess;
  readonly port: number;
  readonly url: string;
  readonly exited: Promise<unknown[]>;
  readonly log: () => string;
}

const children: ChildProcess[] = [];
const homes: string[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
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
  children.push(child);
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

  it('SIGHUP reads tokens, origins and the log level again, and kills no stream', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whospeaks-home-'));
    homes.push(folder);
    const [file, tokensFile] = [join(folder, 'config.json'), join(folder, 'tokens.json')];
    const configure = (more: object): void => {
      writeFileSync(file, JSON.stringify({ tokensFile, ...more }));
    };
    const [old, added] = [makeToken('old', 'default'), makeToken('added', 'default')];
    writeFileSync(tokensFile, JSON.stringify({ tokens: [old.record] }));
    configure({});
    const server = await served('--config', file);
    const stream = await open(server, { headers: { authorization: `Bearer ${old.token}` } });
    stream.send(hello);
    await stream.wait('welcome');
    const origin = 'https://app.example.com';
    const ask = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${added.token}`, origin };
      return (await fetch(`${server.url}/v1/speakers`, { headers })).status;
    };
    expect(await ask()).toBe(403);
    writeFileSync(tokensFile, JSON.stringify({ tokens: [old.record, added.record] }));
    configure({ allowedOrigins: [origin], logLevel: 'debug', bufferSeconds: 20 });
    server.child.kill('SIGHUP');
    await expect.poll(ask).toBe(200);
    await expect.poll(() => server.log()).toContain('"settings":["bufferSeconds"]');
    // The level too: requests are logged from now on.
    await ask();
    await expect.poll(() => server.log()).toContain('"msg":"request"');
    writeFileSync(file, '{');
    server.child.kill('SIGHUP');
    await expect.poll(() => server.log()).toContain('those before stay');
    expect(await ask()).toBe(200);
    stream.audio(0, meetingPcm(1));
    stream.send({ type: 'end', messages: 1 });
    expect(await stream.closed).toBe(1000);
  });

  it('SIGHUP while it starts does not end it', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    // It measures at the start, which takes a moment; meanwhile it listens already, and says that it is not ready.
    const starting = served('--port', String(port), '--max-streams', 'auto');
    const ask = (path: string): Promise<number> =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        ({ status }) => status,
        () => 0,
      );
    while ((await ask('/healthz')) !== 200) await sleep(5);
    children.at(-1)!.kill('SIGHUP');
    expect(await ask('/readyz')).toBe(503);
    await starting;
    expect(await ask('/readyz')).toBe(200);
  });

  it('a taken port and a bad certificate are told before the model is looked for', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const onTaken = await whospeaks(['serve', '--port', String(port), '--model', 'no-such-model']);
    expect(onTaken.stderr).toMatch(/the port is taken.*\[server-listen\]/);
    taken.close();
    const file = join(ROOT, 'package.json');
    const badPair = ['--tls-cert', file, '--tls-key', file];
    const onBad = await whospeaks(['serve', '--port', '0', '--model', 'no-such-model', ...badPair]);
    expect(onBad.stderr).toMatch(/no PEM certificate.*\[server-config\]/);
    const onModel = await whospeaks(['serve', '--port', '0', '--model', 'no-such-model']);
    expect(onModel.stderr).toContain('[model-not-found]');
  });

  it('at a terminal says where it is, who may connect and how to stop; elsewhere, or asked for, JSON', async () => {
    const home = mkdtempSync(join(tmpdir(), 'whospeaks-home-'));
    homes.push(home);
    const atTerminal = async (flags: string): Promise<string> => {
      const command = `${process.execPath} dist/cli/main.js serve --port 0 --max-streams 4 ${flags}`;
      const child = spawn('script', ['-qec', `exec ${command}`, '/dev/null'], {
        cwd: ROOT,
        env: { ...process.env, WHOSPEAKS_HOME: home },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let text = '';
      const exited = once(child, 'exit');
      child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
      await expect.poll(() => text, { timeout: 30_000 }).toMatch(/To stop|"listening"/);
      child.stdin.write('\u0003');
      await exited;
      return text.replaceAll('\r', '');
    };
    const told = await atTerminal('');
    expect(told).toMatch(
      /^whospeaks listens at http:\/\/127\.0\.0\.1:\d+\/\n {2}Who may connect: programs and browsers on this machine.*\n {2}Streams at once: 4\.\n {2}To stop: Ctrl-C.*\n/,
    );
    expect(told).not.toContain('{"level"');
    expect(await atTerminal('--log-format json')).toMatch(/^\{"level":30.*\n\{"level":30/);
  });

  it('health asks where serve listens, by its scheme and below its path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whospeaks-home-'));
    homes.push(folder);
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await makeCertificate(tlsCert, tlsKey);
    const tls = ['--tls-cert', tlsCert, '--tls-key', tlsKey];
    const server = await served(...tls, '--base-path', '/voices', '--host', '127.0.0.1');
    const env = {
      WHOSPEAKS_SERVE_PORT: String(server.port),
      WHOSPEAKS_SERVE_BASE_PATH: '/voices',
      WHOSPEAKS_SERVE_TLS_CERT: tlsCert,
      WHOSPEAKS_SERVE_TLS_KEY: tlsKey,
      WHOSPEAKS_SERVE_HOST: '0.0.0.0',
      WHOSPEAKS_SERVE_TOKENS_FILE: '/not/readable/here',
    };
    const well = await whospeaks(['health'], { env });
    expect([well.code, well.stdout]).toEqual([
      0,
      '{"status":"ready","unusableSpeakers":0,"unusableSpeakerIds":[]}\n',
    ]);
    const elsewhere = await whospeaks(['health'], { env: { ...env, WHOSPEAKS_SERVE_BASE_PATH: '' } });
    expect([elsewhere.code, elsewhere.stderr]).toEqual([8, expect.stringContaining('answered 404')]);
    const nowhere = await whospeaks(['health', '--port', '1']);
    expect([nowhere.code, nowhere.stderr]).toEqual([8, expect.stringContaining('is the service running?')]);
  });

  it('an engine that is not here ends the start with its code', async () => {
    await expect(served('--engine', 'abacus')).rejects.toThrow('ended before');
    const server = await served('--engine', 'cpu');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  });
});
