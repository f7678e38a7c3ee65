import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Fleet } from '../../src/fleet/fleet.js';
import { keySource } from '../../src/speakers/store/key-source.js';
import { makeCertificate } from '../server/certificate.js';
import { NatsCluster } from './nats-cluster.js';
import { NatsServer } from './nats-server.js';
import { testProfile } from './test-profile.js';

const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-fleet-nats-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});
const keys = keySource({}, {});

it('is reached with TLS and a password, and not without', async () => {
  const [cert, key] = [join(scratch, 'cert.pem'), join(scratch, 'key.pem')];
  await makeCertificate(cert, key);
  const nats = await NatsServer.start(
    `tls { cert_file: "${cert}", key_file: "${key}" }\nauthorization { user: fleet, password: "p@ss:word" }`,
  );
  const at = (scheme: string, login: string, query = ''): string =>
    `${scheme}://${login}127.0.0.1:${nats.port}/tls${query}`;
  const good = await Fleet.open(at('tls', 'fleet:p%40ss%3Aword@', `?ca=${cert}`));
  const store = good.speakers('default', { keys, trashMs: 0 });
  await store.put(testProfile('alice', 1));
  expect((await store.list()).profiles).toHaveLength(1);
  await good.close();
  await expect(Fleet.open(at('tls', 'fleet:wrong@', `?ca=${cert}`))).rejects.toMatchObject({
    code: 'fleet-refused',
  });
  await expect(Fleet.open(at('tls', 'fleet:p%40ss%3Aword@'))).rejects.toMatchObject({
    code: expect.stringMatching(/^fleet-(unreachable|refused|failed)$/) as string,
  });
  const file = join(scratch, 'not.creds');
  writeFileSync(file, 'these are no credentials');
  await expect(Fleet.open(at('tls', '', `?ca=${cert}&creds=${file}`))).rejects.toMatchObject({
    code: expect.stringMatching(/^fleet-/) as string,
  });
  await nats.stop();
});

it('refuses what there is no room for, and keeps what there is', async () => {
  const nats = await NatsServer.start('', 'max_file_store: 64KB');
  const fleet = await Fleet.open(`${nats.url}/small`);
  const store = fleet.speakers('default', { keys, trashMs: 0 });
  let stored = 0;
  const fill = async (): Promise<void> => {
    for (; stored < 1000; stored++) await store.put(testProfile(`speaker ${stored}`, stored + 1));
  };
  await expect(fill()).rejects.toMatchObject({ code: 'store-unwritable' });
  expect(stored).toBeGreaterThan(3);
  expect((await store.list()).profiles).toHaveLength(stored);
  await fleet.close();
  await nats.stop();
});

it('goes on when one of three nodes is killed, and when it comes back', async () => {
  const cluster = await NatsCluster.start();
  const fleets = [await Fleet.open(cluster.url('three')), await Fleet.open(cluster.url('three'))];
  const [mine, theirs] = fleets.map((fleet) => fleet.speakers('default', { keys, trashMs: 0 }));
  await mine!.put(testProfile('alice', 1));
  await cluster.nodes[0]!.kill();
  const added = (name: string, seed: number): Promise<boolean> =>
    mine!.put(testProfile(name, seed), { replaces: name }).then(
      () => true,
      () => false,
    );
  await expect.poll(() => added('bob', 2), { timeout: 60_000 }).toBe(true);
  const names = async (): Promise<string[]> =>
    (await theirs!.list().catch(() => ({ profiles: [] as { name: string }[] }))).profiles.map(
      ({ name }) => name,
    );
  await expect.poll(names, { timeout: 60_000 }).toEqual(['alice', 'bob']);
  await cluster.nodes[0]!.restart();
  await cluster.nodes[1]!.kill();
  await expect.poll(() => added('carol', 3), { timeout: 60_000 }).toBe(true);
  await expect.poll(names, { timeout: 60_000 }).toEqual(['alice', 'bob', 'carol']);
  for (const fleet of fleets) await fleet.close();
  await cluster.stop();
});
