import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ProfileStore, type Profile } from '../../src/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { MemoryStore } from '../testing/memory-store.js';
import { started } from './started.js';
import { cheapModel, hello, meetingPcm, open } from './support.js';
import { randomNumbers } from '../random.js';
import { DIMENSION, randomVoice } from '../tracker/synthetic.js';
import { voicePart } from './voice-part.js';

const random = randomNumbers(3);
const made = (name: string): Profile => ({
  name,
  model: { name: cheapModel.name, fingerprint: cheapModel.fingerprint },
  dimension: DIMENSION,
  centroid: randomVoice(random),
  exemplars: [],
  speechSeconds: 9,
  recordings: 1,
  consistency: 0.9,
});
const alice = voicePart('alice');
const ask = (server: RunningServer, method: string, name: string, headers = {}): Promise<Response> =>
  fetch(`${server.url}/v1/speakers/${name}`, {
    method,
    headers,
    ...(method === 'PUT' ? { body: alice } : {}),
  });
const names = async (server: RunningServer): Promise<string[]> => {
  const { speakers } = (await (await fetch(`${server.url}/v1/speakers`)).json()) as {
    speakers: { name: string }[];
  };
  return speakers.map(({ name }) => name);
};
const SECOND = { timeout: 1000, interval: 20 };

describe('two servers and the command line on one folder', () => {
  const two = async (): Promise<[RunningServer, RunningServer, ProfileStore]> => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'whospeaks-shared-'));
    // The command line has a store of its own, as `speakers --store` opens it.
    return [
      await started({ dataFolder }),
      await started({ dataFolder }),
      new ProfileStore({ folder: join(dataFolder, 'speakers') }),
    ];
  };

  it('see within a second whom the other added, renamed and removed', async () => {
    const [one, other, line] = await two();
    await line.put(made('carol'));
    for (const server of [one, other]) await expect.poll(() => names(server), SECOND).toEqual(['carol']);
    expect((await ask(one, 'PUT', 'alice')).status).toBe(201);
    await expect.poll(() => names(other), SECOND).toEqual(['alice', 'carol']);
    expect((await line.list()).profiles.map(({ name }) => name)).toEqual(['alice', 'carol']);
    await line.rename('carol', 'dora');
    for (const server of [one, other])
      await expect.poll(() => names(server), SECOND).toEqual(['alice', 'dora']);
    expect((await ask(other, 'DELETE', 'alice')).status).toBe(204);
    await expect.poll(() => names(one), SECOND).toEqual(['dora']);
  });

  it('decide as the store is, at once: PUT of a new name, DELETE and PATCH', async () => {
    const [one, other, line] = await two();
    await line.put(made('alice'));
    const mustBeNew = { 'if-none-match': '*' };
    expect((await ask(one, 'PUT', 'alice', mustBeNew)).status).toBe(409);
    await line.delete('alice');
    expect((await ask(one, 'PUT', 'alice', mustBeNew)).status).toBe(201);
    expect((await ask(other, 'PUT', 'alice', mustBeNew)).status).toBe(409);
    expect((await ask(other, 'DELETE', 'alice')).status).toBe(204);
    expect((await ask(one, 'DELETE', 'alice')).status).toBe(404);
    await line.put(made('bob'));
    expect((await ask(one, 'DELETE', 'bob')).status).toBe(204);
    await line.put(made('bob'));
    const body = '{"name":"robert"}';
    expect((await fetch(`${one.url}/v1/speakers/bob`, { method: 'PATCH', body })).status).toBe(200);
    expect((await ask(other, 'DELETE', 'robert')).status).toBe(204);
  });

  it('tell their running streams', async () => {
    const [one, other, line] = await two();
    const client = await open(one);
    client.send(hello);
    await client.wait('welcome');
    client.audio(0, meetingPcm(2));
    await line.put(made('carol'));
    await client.wait('speakers', ({ speakers }) => speakers.join() === 'carol');
    await fetch(`${other.url}/v1/speakers/carol`, { method: 'PATCH', body: '{"name":"dora"}' });
    await client.wait('speakers', ({ speakers }) => speakers.join() === 'dora');
    await line.delete('dora');
    await client.wait('speakers', ({ speakers }) => speakers.length === 0);
    const told = client.messages.filter(({ type }) => type === 'speakers');
    // Once for each change, however often the folder was looked at.
    expect(told).toHaveLength(3);
    client.socket.close();
  });
});

it('a service keeps speakers in a store that is handed in', async () => {
  const stores = new Map<string, MemoryStore>();
  const server = await started({}, cheapModel, {
    store: (group) => {
      const store = new MemoryStore();
      stores.set(group, store);
      return store;
    },
  });
  expect([...stores.keys()]).toEqual(['default']);
  const store = stores.get('default')!;
  expect((await ask(server, 'PUT', 'alice')).status).toBe(201);
  expect((await ask(server, 'PUT', 'alice')).status).toBe(409);
  expect((await store.list()).profiles.map(({ name }) => name)).toEqual(['alice']);
  await store.put(made('bob'));
  await expect.poll(() => names(server), SECOND).toEqual(['alice', 'bob']);
  expect((await ask(server, 'DELETE', 'alice')).status).toBe(204);
  // It keeps nothing to restore.
  const restored = await fetch(`${server.url}/v1/removed-speakers/alice/restore`, { method: 'POST' });
  expect(restored.status).toBe(404);
  expect(await (await fetch(`${server.url}/v1/removed-speakers`)).json()).toEqual({ removed: [] });
});

it('a service reads a change again that it could not read when it was told of it', async () => {
  const store = new MemoryStore();
  const server = await started({}, cheapModel, { store: () => store });
  const { list } = store;
  store.list = () => {
    store.list = list;
    return Promise.reject(new Error('out of reach'));
  };
  await store.put(made('bob'));
  await expect.poll(() => names(server), { timeout: 10_000 }).toEqual(['bob']);
});
