import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromUrl } from '../../../src/stream/file/from-url.js';
import { decodeRecording } from '../../../src/stream/file/decode.js';
import { openUrl } from '../../../src/stream/file/web-source.js';
import { runProgram } from '../../helpers.js';
import { ratioDb, signal } from '../signal.js';

const folder = mkdtempSync(join(tmpdir(), 'stream-url-'));
const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures', name));
const truth = signal(16_000);

let server: Server;
let ca: string;
let base: string;
let asked: string[] = [];

/** Files, with ranges below /files and without below /plain. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url!, base);
  asked.push(`${pathname} ${request.headers.range ?? ''}`.trim());
  const to = searchParams.get('to');
  if (pathname === '/redirect') return void response.writeHead(302, { location: to! }).end();
  if (pathname === '/endless') {
    const write = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', write);
    response.write(fixture('piped.wav'));
    write();
    return;
  }
  const [, kind, name] = pathname.split('/');
  if (name === 'nowhere') return void response.writeHead(404).end();
  if (name === 'refused') return void response.writeHead(403).end();
  const bytes = fixture(name!);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (kind === 'plain' || !range) {
    const ranges = kind === 'files' ? { 'accept-ranges': 'bytes' } : {};
    return void response.writeHead(200, { 'content-length': bytes.length, ...ranges }).end(bytes);
  }
  const [from, last] = [Number(range[1]), Number(range[2])];
  response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${bytes.length}` });
  response.end(bytes.subarray(from, last + 1));
}

beforeAll(async () => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = await runProgram('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ]);
  expect(made.code, made.stderr).toBe(0);
  ca = readFileSync(cert, 'utf8');
  server = createServer({ key: readFileSync(key), cert: ca }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

async function read(path: string, maxBytes = 2 ** 20): Promise<Float32Array> {
  const pieces: number[] = [];
  const source = (): ReturnType<typeof openUrl> => openUrl(new URL(path, base), { maxBytes, ca });
  for await (const { samples } of decodeRecording(source, {})) pieces.push(...samples);
  return Float32Array.from(pieces);
}

describe('a recording at an https address', () => {
  it.each([
    '/files/stereo-44100.flac',
    '/plain/stereo-44100.flac',
    '/plain/stereo-44100.mp3',
    '/files/stereo-44100.m4a',
  ])('%s is read as the file is', async (path) => {
    const samples = await read(path);
    expect(samples).toHaveLength(32_000);
    expect(ratioDb(samples, truth, 400, 31_600)).toBeGreaterThan(20);
  });

  it('an m4a is read in few pieces, out of order', async () => {
    asked = [];
    await read('/files/stereo-44100.m4a');
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(6);
    await expect(read('/plain/stereo-44100.m4a')).rejects.toMatchObject({ code: 'audio-unsupported' });
  });

  it('is read through redirects to https, and to nothing else', async () => {
    const redirect = (to: string): string => `/redirect?to=${encodeURIComponent(to)}`;
    expect(await read(redirect('/plain/piped.wav'))).toHaveLength(8_000);
    expect(await read(redirect(`${base}/plain/piped.wav`))).toHaveLength(8_000);
    for (const to of ['http://127.0.0.1:1/x.wav', 'file:///etc/passwd', 'data:audio/wav,x']) {
      await expect(read(redirect(to))).rejects.toMatchObject({
        code: 'file-unreadable',
        message: expect.stringContaining('no https address') as string,
      });
    }
    const loop = redirect('/redirect?to=/redirect');
    await expect(read(redirect(redirect(redirect(redirect(redirect(loop))))))).rejects.toMatchObject({
      message: expect.stringContaining('redirects') as string,
    });
  });

  it.each([
    ['/files/nowhere', 'file-not-found'],
    ['/files/refused', 'file-unreadable'],
  ])('%s: %s', async (path, code) => {
    await expect(read(`${path}?signature=secret`)).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('secret') as string,
    });
  });

  it('that never ends is read as it is asked for, up to its limit', async () => {
    await expect(read('/endless', 300_000)).rejects.toMatchObject({ code: 'audio-limit' });
  });

  it('of a server that nobody vouches for is refused', async () => {
    const source = fromUrl(`${base}/plain/piped.wav`);
    await expect(source[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  it.each(['http://example.org/a.wav', 'file:///a.wav', 'ftp://example.org/a.wav', 'a.wav'])(
    '%s is no https address',
    (url) => {
      expect(() => fromUrl(url)).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    },
  );
});
