import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  pullModel,
  readModel,
  resolveModel,
  type PulledModel,
  type PullOptions,
} from '../../src/model/index.js';
import { testFolder } from './files/folder.js';
import { cutAfter, serve, stallAfter, startHub, status, type Hub } from './files/hub.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { makeWeights } from './files/weights.js';

const NAME = 'hf:someone/some-model/model.safetensors';
const body = safetensorsFile(makeWeights());
const sha256 = createHash('sha256').update(body).digest('hex');
const root = testFolder();
let cache = '';

beforeEach(() => {
  cache = mkdtempSync(join(root, 'cache-'));
  vi.unstubAllEnvs();
  for (const name of [
    'HF_TOKEN',
    'HF_ENDPOINT',
    'WHOSPEAKS_HF_ENDPOINT',
    'WHOSPEAKS_OFFLINE',
    'WHOSPEAKS_CACHE',
  ]) {
    vi.stubEnv(name, undefined);
  }
});

const pull = (hub: Hub, options: PullOptions = {}): Promise<PulledModel> =>
  pullModel(NAME, { cacheFolder: cache, endpoint: hub.endpoint, retryDelayMs: 1, retries: 3, ...options });
const folder = (): string => join(cache, 'models', 'someone--some-model');
const partFile = (): string => join(folder(), 'model.safetensors.part');

/** A port that nobody listens on any more. */
async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('pull', () => {
  it('fetches, records the hash, tells progress, and serves the cache afterwards', async () => {
    const hub = await startHub(serve(body));
    const progress: number[] = [];
    const pulled = await pull(hub, {
      onProgress: ({ bytes, totalBytes }) => progress.push(bytes, totalBytes!),
    });
    expect(pulled).toMatchObject({ name: NAME, sha256, bytes: body.length, cached: false });
    expect(pulled.url).toBe(`${hub.endpoint}/someone/some-model/resolve/main/model.safetensors`);
    expect(progress.slice(-2)).toEqual([body.length, body.length]);
    expect(readFileSync(pulled.path)).toEqual(Buffer.from(body));
    expect(readdirSync(folder()).sort()).toEqual(['model.safetensors', 'model.safetensors.record.json']);
    expect((await readModel(pulled.path)).config.channels).toBe(2);
    expect(await pull(hub)).toEqual({ ...pulled, cached: true });
    expect(hub.requests).toHaveLength(1);
  });

  it('goes on after a cut connection with the bytes that are missing', async () => {
    const hub = await startHub(cutAfter(1000, body), serve(body));
    expect((await pull(hub)).sha256).toBe(sha256);
    expect(hub.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=1000-']);
  });

  it('goes on in a later call with what an earlier one left', async () => {
    const cut = await startHub(cutAfter(1000, body));
    await expect(pull(cut, { retries: 0 })).rejects.toMatchObject({
      code: 'model-download',
      message: expect.stringMatching(/run the same command again/) as string,
    });
    expect(existsSync(join(folder(), 'model.safetensors'))).toBe(false);
    const whole = await startHub(serve(body));
    expect((await pull(whole)).sha256).toBe(sha256);
    expect(whole.requests[0]!.range).toBe('bytes=1000-');
  });

  it('starts anew where the file has changed on the server since', async () => {
    const old = new Uint8Array(body.length).fill(7);
    const hub = await startHub(cutAfter(1000, old, '"old"'), serve(body, '"new"'));
    expect((await pull(hub)).sha256).toBe(sha256);
  });

  it('starts anew where the server cannot go on, or gives no name to the version', async () => {
    const hub = await startHub(cutAfter(1000, body, 'W/"weak"'), serve(body));
    expect((await pull(hub)).sha256).toBe(sha256);
    expect(hub.requests[1]!.range).toBeUndefined();
    const again = await startHub(serve(body));
    writeFileSync(partFile(), new Uint8Array(body.length + 5));
    writeFileSync(`${partFile()}.etag`, '"v1"');
    writeFileSync(join(folder(), 'model.safetensors.record.json'), 'damaged');
    expect((await pull(again)).sha256).toBe(sha256);
    expect(again.requests.map(({ range }) => range)).toEqual([`bytes=${body.length + 5}-`, undefined]);
  });

  it('gives up a stalled connection and tries again', async () => {
    const hub = await startHub(stallAfter(500, body), serve(body));
    expect((await pull(hub, { stallTimeoutMs: 150 })).sha256).toBe(sha256);
    const dead = await startHub(stallAfter(0, body));
    cache = mkdtempSync(join(root, 'cache-'));
    await expect(pull(dead, { stallTimeoutMs: 100, retries: 1 })).rejects.toMatchObject({
      code: 'model-download',
      message: expect.stringMatching(/no byte came for 0\.1 s/) as string,
    });
  });

  it.each([429, 500, 503])('waits and tries again after %d', async (code) => {
    const hub = await startHub(status(code, { 'retry-after': '0' }), status(code), serve(body));
    expect((await pull(hub)).sha256).toBe(sha256);
    expect(hub.requests).toHaveLength(3);
  });

  it('stops after the tries it was given', async () => {
    const hub = await startHub(status(429));
    await expect(pull(hub)).rejects.toMatchObject({
      code: 'model-download',
      message: expect.stringMatching(/answered 429/) as string,
    });
    expect(hub.requests).toHaveLength(4);
  });

  it.each([
    [404, 'model-not-found', /no such file \(404\)/],
    [401, 'model-download', /HF_TOKEN/],
    [403, 'model-download', /HF_TOKEN/],
    [418, 'model-download', /answered 418/],
  ])('does not try again after %d', async (code, error, message) => {
    const hub = await startHub(status(code));
    await expect(pull(hub)).rejects.toMatchObject({
      code: error,
      message: expect.stringMatching(message) as string,
    });
    expect(hub.requests).toHaveLength(1);
    expect(existsSync(join(folder(), 'model.safetensors'))).toBe(false);
  });

  it('says what to do where there is no network', async () => {
    const nobody = { ...(await startHub(serve(body))), endpoint: await closedPort() };
    await expect(pull(nobody, { retries: 1 })).rejects.toMatchObject({
      code: 'model-download',
      message: expect.stringMatching(/check the network/) as string,
    });
  });

  it('ends on the signal and keeps what it has', async () => {
    const stop = new AbortController();
    const hub = await startHub(stallAfter(800, body));
    const pulling = pull(hub, {
      signal: stop.signal,
      onProgress: ({ bytes }) => {
        if (bytes === 800) stop.abort(new Error('enough'));
      },
    });
    await expect(pulling).rejects.toThrow('enough');
    expect(readFileSync(partFile())).toHaveLength(800);
  });

  it('pulls of one model at a time: the second waits and takes what the first fetched', async () => {
    const hub = await startHub(serve(body));
    const both = await Promise.all([pull(hub), pull(hub), pull(hub)]);
    expect(both.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(hub.requests).toHaveLength(1);
    expect(readdirSync(folder()).sort()).toEqual(['model.safetensors', 'model.safetensors.record.json']);
  });
});

describe('trust', () => {
  it('throws away a file whose hash is not the one the makers publish', async () => {
    const hub = await startHub(serve(body));
    const pulling = pullModel('wespeaker-voxceleb-resnet34-LM-onnx', {
      cacheFolder: cache,
      endpoint: hub.endpoint,
    });
    await expect(pulling).rejects.toMatchObject({
      code: 'model-hash',
      message: expect.stringContaining('published 7bb2f06e9') as string,
    });
    expect(readdirSync(join(cache, 'models', 'Wespeaker--wespeaker-voxceleb-resnet34-LM'))).toEqual([]);
  });

  it('throws away a file whose hash is not the one the hub states', async () => {
    const hub = await startHub(serve(body, '"v1"', { 'x-linked-etag': `"${'0'.repeat(64)}"` }));
    await expect(pull(hub)).rejects.toMatchObject({ code: 'model-hash' });
    expect(readdirSync(folder())).toEqual([]);
  });

  it('notices a cached file that has changed since it was fetched', async () => {
    const hub = await startHub(serve(body));
    const { path } = await pull(hub);
    const damaged = readFileSync(path);
    damaged[damaged.length - 1]! ^= 1;
    writeFileSync(path, damaged);
    await expect(pull(hub)).rejects.toMatchObject({ code: 'model-hash' });
    expect(hub.requests).toHaveLength(1);
  });

  it('sends the token to the endpoint alone, not to where it redirects', async () => {
    vi.stubEnv('HF_TOKEN', 'hf_secret');
    const content = await startHub(serve(body));
    const hub = await startHub(
      status(302, { location: '/api/resolve-cache/x' }),
      status(307, { location: `${content.endpoint}/blob?signature=abc` }),
    );
    const { url } = await pull(hub);
    expect(hub.requests.map(({ authorization }) => authorization)).toEqual([
      'Bearer hf_secret',
      'Bearer hf_secret',
    ]);
    expect(content.requests).toEqual([
      { url: '/blob?signature=abc', range: undefined, authorization: undefined },
    ]);
    expect(
      JSON.stringify(readdirSync(folder()).map((name) => readFileSync(join(folder(), name), 'latin1'))),
    ).not.toContain('hf_secret');
    expect(url).toContain(hub.endpoint);
  });

  it('does not follow redirects for ever, nor out of the web', async () => {
    const circle = await startHub(status(302, { location: '/again' }));
    await expect(pull(circle)).rejects.toMatchObject({
      code: 'model-download',
      message: expect.stringMatching(/redirects/) as string,
    });
    const file = await startHub(status(302, { location: 'file:///etc/passwd' }));
    await expect(pull(file)).rejects.toMatchObject({
      code: 'model-download',
      message: expect.stringMatching(/no web address/) as string,
    });
  });

  it('refuses more than a model can have', async () => {
    const hub = await startHub((_, response) => {
      response.writeHead(200, { 'content-length': String(2 ** 40) });
      response.write('x');
    });
    await expect(pull(hub)).rejects.toMatchObject({
      code: 'model-download',
      message: expect.stringMatching(/limited to/) as string,
    });
  });
});

describe('names and switches', () => {
  it('stays off the network when told to, and still serves the cache', async () => {
    const hub = await startHub(serve(body));
    vi.stubEnv('WHOSPEAKS_OFFLINE', '1');
    await expect(pull(hub)).rejects.toMatchObject({ code: 'model-offline' });
    expect(hub.requests).toHaveLength(0);
    expect((await pull(hub, { offline: false })).cached).toBe(false);
    expect((await pull(hub)).cached).toBe(true);
  });

  it('takes endpoint and cache from the environment; ours goes before the hub library’s', async () => {
    const hub = await startHub(serve(body));
    vi.stubEnv('WHOSPEAKS_CACHE', cache);
    vi.stubEnv('HF_ENDPOINT', `${hub.endpoint}/mirror/`);
    const path = await resolveModel(NAME, { retryDelayMs: 1 });
    expect(dirname(path)).toBe(folder());
    expect(hub.requests[0]!.url).toBe('/mirror/someone/some-model/resolve/main/model.safetensors');
    vi.stubEnv('WHOSPEAKS_HF_ENDPOINT', 'not an address');
    vi.stubEnv('WHOSPEAKS_CACHE', mkdtempSync(join(root, 'cache-')));
    await expect(resolveModel(NAME)).rejects.toMatchObject({ code: 'invalid-option' });
  });

  it.each([
    ['no-such-model', 'model-not-found', /known: wespeaker-voxceleb-resnet34-LM/],
    ['hf:owner/../../x', 'model-not-found', /hf:owner\/repo\/file/],
    ['hf:owner/repo/a/../../../b', 'model-not-found', /hf:owner\/repo\/file/],
    ['hf:owner/repo', 'model-not-found', /hf:owner\/repo\/file/],
  ])('refuses the name %s', async (name, code, message) => {
    await expect(pullModel(name, { cacheFolder: cache })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('rejects a misspelt option by name', async () => {
    const options = { cachFolder: cache } as PullOptions;
    await expect(pullModel(NAME, options)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('cachFolder') as string,
    });
  });
});
