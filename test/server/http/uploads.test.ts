import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { configSchema, serve, type RunningServer } from '../../../src/server/index.js';
import { sweepRecordings } from '../../../src/server/http/sweep-recordings.js';
import { AUDIO } from '../../helpers.js';
import { cheapModel } from '../support.js';

const folder = mkdtempSync(join(tmpdir(), 'uploads-'));
const alice = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));
let log = '';
let server: RunningServer;
beforeAll(async () => {
  const sink = new Writable({
    write: (text: Buffer, _, done) => {
      log += text.toString();
      done();
    },
  });
  const config = configSchema.parse({ port: 0, maxStreams: 4, dataFolder: join(folder, 'data') });
  server = await serve(config, { model: cheapModel, logger: pino({ level: 'info' }, sink) });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function put(body: BodyInit, type?: string): Promise<[number, { code: string; message: string }]> {
  const reply = await fetch(`${server.url}/v1/speakers/dora`, {
    method: 'PUT',
    body,
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  });
  const { error } = (await reply.json()) as { error: { code: string; message: string } };
  return [reply.status, error];
}

const part = (boundary: string, disposition: string, content: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;

describe('forms', () => {
  it.each([
    ['plain', 'boundary=b', 413],
    ['quoted', 'boundary="b"', 413],
    ['quoted with an escape', 'boundary="\\b"', 400],
    ['after a value that looks like one', 'a="; boundary=zzz"; boundary=b', 413],
    ['doubled', 'boundary=b; boundary=a-longer-one', 413],
    ['in capitals', 'BOUNDARY=b', 413],
  ])('of 60,000 parts are refused at once, their boundary %s', async (_, parameter, expected) => {
    const body = `${part('b', 'name="a"; filename="a"', 'x').repeat(60_000)}--b--\r\n`;
    const startMs = performance.now();
    const [status] = await put(body, `multipart/form-data; ${parameter}`);
    expect(status).toBe(expected);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('of 33 parts are refused, files and text alike', async () => {
    const parts =
      part('b', 'name="t"', 'text').repeat(20) + part('b', 'name="a"; filename="a"', 'x').repeat(13);
    const [status, error] = await put(`${parts}--b--\r\n`, 'multipart/form-data; boundary=b');
    expect([status, error.code]).toEqual([413, 'server-limit']);
    expect(error.message).toContain('too many parts');
  });

  it('of text alone get one clear error', async () => {
    const form = new FormData();
    form.append('voice', 'alice.wav');
    const [status, error] = await put(form);
    expect([status, error.code]).toEqual([422, 'audio-empty']);
    expect(error.message).toContain('no file');
  });

  it.each([
    ['inside a file', part('b', 'name="a"; filename="a"', 'x').slice(0, -3)],
    ['inside a header', '--b\r\nContent-Disposition: form-da'],
    ['before its first part', 'nothing'],
    ['with nothing in it', ''],
  ])('cut short %s are no forms', async (_, body) => {
    const [status, error] = await put(body, 'multipart/form-data; boundary=b');
    expect([status, error.code]).toEqual([400, 'invalid-option']);
  });

  it('without a boundary are no forms', async () => {
    const [status, error] = await put('x', 'multipart/form-data');
    expect([status, error.code]).toEqual([400, 'invalid-option']);
  });

  it('of several recordings are taken', async () => {
    const form = new FormData();
    form.append('note', 'two of one voice');
    for (const name of ['a', 'b']) form.append(name, new Blob([alice]), `${name}.wav`);
    const reply = await fetch(`${server.url}/v1/speakers/alice`, { method: 'PUT', body: form });
    expect(await reply.json()).toMatchObject({ speaker: { recordings: 2 } });
  });
});

describe('a recording that is sent', () => {
  it('is written nowhere', async () => {
    // Had it to be written there, this would fail.
    vi.stubEnv('TMPDIR', join(folder, 'no-such-folder'));
    const url = `${server.url}/v1/speakers/alice?existing=replace`;
    const reply = await fetch(url, { method: 'PUT', body: alice });
    expect(reply.ok).toBe(true);
  });

  it('and not to its end is no fault of the server', async () => {
    log = '';
    for (const type of ['audio/wav', 'multipart/form-data; boundary=b']) {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(
        `PUT /v1/speakers/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: 1000\r\n\r\n` +
          part('b', 'name="a"; filename="a"', 'RIFF'),
      );
      await sleep(100);
      socket.destroy();
      await once(socket, 'close');
    }
    await expect.poll(async () => (await server.metrics.text(null)).includes('protocol-message')).toBe(true);
    await sleep(50);
    expect(log).toBe('');
  });
});

describe('recordings that an earlier version left behind', () => {
  const hourAgo = new Date(Date.now() - 3_600_000);
  const make = (name: string, files: readonly string[], isOld = true): void => {
    mkdirSync(join(folder, name));
    for (const file of files) writeFileSync(join(folder, name, file), 'x');
    if (isOld) utimesSync(join(folder, name), hourAgo, hourAgo);
  };

  it('are deleted, and nothing else is', async () => {
    make('whospeaks-AbCd12', ['recording-1', 'recording-2']);
    make('whospeaks-young1', ['recording-1'], false);
    make('whospeaks-other1', ['recording-1', 'notes.txt']);
    make('whospeaks-store', ['recording-1']);
    make('someone-AbCd12', ['recording-1']);
    writeFileSync(join(folder, 'whospeaks-aFile1'), '');
    const before = readdirSync(folder);
    expect(await sweepRecordings(folder)).toBe(1);
    expect(readdirSync(folder)).toEqual(before.filter((name) => name !== 'whospeaks-AbCd12'));
    expect(readdirSync(join(folder, 'whospeaks-other1'))).toHaveLength(2);
  });
});
