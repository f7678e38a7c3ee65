import { afterAll, beforeAll, expect, it } from 'vitest';
import { Fleet } from '../../src/fleet/fleet.js';
import { SessionTaken, type SessionVault } from '../../src/fleet/sessions/session-vault.js';
import { keySource } from '../../src/speakers/store/key-source.js';
import { NatsServer } from './nats-server.js';

const KEEP_MS = 90_000;
const key = Buffer.alloc(32, 7).toString('base64');
let nats: NatsServer;
let fleet: Fleet;
beforeAll(async () => {
  nats = await NatsServer.start();
  fleet = await Fleet.open(nats.url);
});
afterAll(async () => {
  await fleet.close();
  await nats.stop();
});

const vault = (secret?: string): Promise<SessionVault> =>
  fleet.sessions(keySource({ key: secret }, {}), KEEP_MS, 2 ** 24);
const state = (text: string): Uint8Array => Buffer.from(text);

it('takes no state that is not sealed where there is a key: anybody could have written it', async () => {
  const [open, sealed] = [await vault(), await vault(key)];
  await open.put('group.forged', state('whatever'), 0);
  expect(await sealed.get('group.forged')).toBeUndefined();
  await sealed.put('group.own', state('mine'), 0);
  expect((await sealed.get('group.own'))?.bytes.toString()).toBe('mine');
  expect(await open.get('group.own')).toBeUndefined();
});

it('knows what another server took from what NATS forgot', async () => {
  const [a, b] = [await vault(), await vault()];
  const revision = await a.put('group.s', state('first'), 0);
  const kv = await fleet.connection.bucket('sessions');
  await fleet.connection.jsm.streams.purge('KV_whospeaks_sessions', {
    filter: '$KV.whospeaks_sessions.group.s',
  });
  expect(await kv.get('group.s')).toBeNull();
  const anew = await a.put('group.s', state('second'), revision);
  await b.put('group.s', state('of b'), anew);
  await expect(a.put('group.s', state('third'), anew)).rejects.toBeInstanceOf(SessionTaken);
});

it('goes on where the answer to its own write was lost', async () => {
  const a = await vault();
  const first = await a.put('group.lost', state('first'), 0);
  await a.put('group.lost', state('second'), first);
  await a.put('group.lost', state('third'), first);
  expect((await a.get('group.lost'))?.bytes.toString()).toBe('third');
});

it('forgets nothing that another server has by now', async () => {
  const [a, b] = [await vault(), await vault()];
  const revision = await a.put('group.moved', state('of a'), 0);
  await b.put('group.moved', state('of b'), revision);
  await a.forget('group.moved');
  expect((await b.get('group.moved'))?.bytes.toString()).toBe('of b');
  await b.forget('group.moved');
  expect(await b.get('group.moved')).toBeUndefined();
});
