import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from '../../src/fleet/fleet.js';
import type { FleetSpeakerStore } from '../../src/fleet/speakers/fleet-speaker-store.js';
import { slotKey } from '../../src/fleet/speakers/slot.js';
import { keySource } from '../../src/speakers/store/key-source.js';
import { adaptSpeaker } from '../../src/speakers/store/speaker-changes.js';
import { speakerStoreContract } from '../../src/testing/index.js';
import { NatsServer } from './nats-server.js';
import { testProfile as profile } from './test-profile.js';

const DAY_MS = 24 * 3600 * 1000;
const key = Buffer.alloc(32, 7).toString('base64');
let nats: NatsServer;
let fleets: [Fleet, Fleet];
let groups = 0;

beforeAll(async () => {
  nats = await NatsServer.start();
  fleets = [await Fleet.open(nats.url), await Fleet.open(nats.url)];
});
afterAll(async () => {
  for (const fleet of fleets) await fleet.close();
  await nats.stop();
});

function open(fleet: Fleet, group: string, secret?: string): FleetSpeakerStore {
  return fleet.speakers(group, { keys: keySource({ key: secret }, {}), trashMs: 7 * DAY_MS });
}

describe.each([
  ['a bucket of NATS', undefined],
  ['a bucket of NATS, encrypted', key],
])('%s', (_, secret) => {
  const cases = speakerStoreContract(
    () => open(fleets[0], `group-${++groups}`, secret),
    (store) => open(fleets[1], store.group, secret),
  );
  for (const { name, run } of cases) it(name, run);
});

describe('speakers of a fleet', () => {
  it('are still there after nats-server was killed and started again, and are told on', async () => {
    const [mine, theirs] = [open(fleets[0], 'lasting'), open(fleets[1], 'lasting')];
    await mine.put(profile('alice', 1));
    await nats.kill();
    await expect(mine.list()).rejects.toMatchObject({ code: 'fleet-unreachable' });
    await expect(mine.put(profile('bob', 2))).rejects.toMatchObject({ code: 'fleet-unreachable' });
    await nats.restart();
    await expect.poll(() => fleets.every(({ connection }) => connection.isConnected)).toBe(true);
    let told = 0;
    const end = theirs.watch(() => told++);
    await expect
      .poll(() =>
        mine.put(profile('carol', 3), { replaces: 'carol' }).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await expect.poll(() => told).toBeGreaterThan(0);
    end();
    expect((await theirs.list()).profiles.map(({ name }) => name)).toEqual(['alice', 'carol']);
  });

  it('are of one group, and of one deployment', async () => {
    const other = await Fleet.open(`${nats.url}/other`);
    await open(fleets[0], 'team-a').put(profile('alice', 1));
    expect((await open(fleets[0], 'team-b').list()).profiles).toEqual([]);
    expect((await open(other, 'team-a').list()).profiles).toEqual([]);
    await other.close();
  });

  it('are encrypted: neither name nor voice is in the bucket', async () => {
    const store = open(fleets[0], 'sealed', key);
    await store.put(profile('Zebedee', 1));
    const kv = await fleets[0].connection.bucket('speakers');
    const stored: string[] = [];
    for await (const name of await kv.keys('sealed.*')) stored.push(name, (await kv.get(name))!.string());
    expect(stored).toHaveLength(2);
    expect(stored.join()).not.toMatch(/zebedee/i);
    expect(stored[1]).toMatch(/^whospeaks-sealed-1 /);
    await expect(open(fleets[1], 'sealed').list()).rejects.toMatchObject({ code: 'store-key' });
  });

  it('are encrypted with a new key, and open without the old one', async () => {
    const plain = open(fleets[0], 'rotated');
    await plain.put(profile('alice', 1));
    await plain.put(profile('bob', 2));
    await plain.delete('bob');
    const rotated = open(fleets[0], 'rotated', key);
    expect((await rotated.list()).warnings.map(({ code }) => code)).toEqual(['store-unencrypted']);
    expect(await rotated.reseal()).toEqual({ resealed: 2, failed: [] });
    expect((await rotated.list()).warnings).toEqual([]);
    expect((await rotated.restore('bob')).name).toBe('bob');
  });

  it('are damaged one by one: what is no speaker harms no other, and can be removed', async () => {
    const store = open(fleets[0], 'damaged');
    await store.put(profile('alice', 1));
    await store.put(profile('bob', 2));
    const kv = await fleets[0].connection.bucket('speakers');
    await kv.put(slotKey('damaged', 'alice'), '{"version":1,');
    await kv.put('damaged.somebody.else', 'what is this');
    const { profiles, damaged } = await store.list();
    expect(profiles.map(({ name }) => name)).toEqual(['bob']);
    expect(damaged).toHaveLength(2);
    await expect(store.get('alice')).rejects.toMatchObject({ code: 'store-corrupt' });
    await expect(store.put(profile('alice', 1))).rejects.toMatchObject({ code: 'speaker-exists' });
    await store.delete('alice');
    await store.delete('damaged.somebody.else');
    await store.put(profile('alice', 3));
    expect((await store.list()).damaged).toEqual([]);
  });

  it('are refused where the bucket is of another program', async () => {
    const { js, packages } = fleets[0].connection;
    await new packages.kv.Kvm(js).create('taken_speakers', { description: 'theirs' });
    await expect(Fleet.open(`${nats.url}/taken`)).rejects.toMatchObject({ code: 'fleet-foreign' });
  });

  it('keep one name where a server was killed in the middle of a rename', async () => {
    const store = open(fleets[0], 'halfway');
    await store.put(profile('alice', 1));
    const alice = await store.get('alice');
    const before = await rawSlot('halfway', 'alice');
    await store.put({ ...alice, name: 'anna' }, { replaces: alice });
    // The new name is written, the old one not yet emptied.
    const kv = await fleets[0].connection.bucket('speakers');
    const revision = await kv.put(slotKey('halfway', 'alice'), before.value);
    const anna = JSON.parse((await rawSlot('halfway', 'anna')).value) as object;
    await kv.put(
      slotKey('halfway', 'anna'),
      JSON.stringify({ ...anna, supersedes: { key: slotKey('halfway', 'alice'), revision } }),
    );
    expect((await store.list()).profiles.map(({ name }) => name)).toEqual(['anna']);
    await store.put({ ...(await store.get('anna')), speechSeconds: 99 }, { replaces: 'anna' });
    expect((await store.list()).profiles.map(({ name, speechSeconds }) => [name, speechSeconds])).toEqual([
      ['anna', 99],
    ]);
    await store.put(profile('alice', 4));
    expect((await store.list()).profiles).toHaveLength(2);
  });

  it('have a whole audit trail where a server was killed before it wrote its line', async () => {
    const store = open(fleets[0], 'owed');
    await store.put(profile('alice', 1), { by: 'team-1' });
    const { value } = await rawSlot('owed', 'alice');
    const slot = JSON.parse(value) as { change: object };
    const owed = { ...slot, change: { ...slot.change, changeId: 'owed', by: 'team-2' } };
    await (await fleets[0].connection.bucket('speakers')).put(slotKey('owed', 'alice'), JSON.stringify(owed));
    const told = async (): Promise<unknown[]> => (await store.audit()).map(({ action, by }) => [action, by]);
    const both = [
      ['add', 'team-1'],
      ['add', 'team-2'],
    ];
    expect(await told()).toEqual(both);
    await store.put(profile('alice', 2), { replaces: 'alice', by: 'team-3' });
    expect(await told()).toEqual([...both, ['replace', 'team-3']]);
  });

  it('lose no change of many that come at once', async () => {
    const stores = fleets.map((fleet) => open(fleet, 'busy'));
    await stores[0]!.put(profile('alice', 1));
    const lesson = { vector: profile('', 5).centroid, seconds: 3, probability: 0.9 };
    await Promise.all(Array.from({ length: 8 }, (_, i) => adaptSpeaker(stores[i % 2]!, 'alice', lesson)));
    expect((await stores[0]!.get('alice')).adaptations).toHaveLength(8);
    expect(await stores[0]!.audit('alice')).toHaveLength(9);
  });
});

async function rawSlot(group: string, name: string): Promise<{ value: string; revision: number }> {
  const kv = await fleets[0].connection.bucket('speakers');
  const entry = (await kv.get(slotKey(group, name)))!;
  return { value: entry.string(), revision: entry.revision };
}
