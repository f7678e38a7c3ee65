import { afterAll, beforeAll, expect, it } from 'vitest';
import { BucketReplica } from '../../src/fleet/bucket-replica.js';
import { Fleet } from '../../src/fleet/fleet.js';
import { NatsServer } from './nats-server.js';

let nats: NatsServer;
beforeAll(async () => {
  nats = await NatsServer.start();
});
afterAll(async () => {
  await nats.stop();
});

it('knows every key that was written before it was asked, the first too, while values are replaced', async () => {
  for (let round = 0; round < 40; round++) {
    const fleets = [await Fleet.open(`${nats.url}/b${round}`), await Fleet.open(`${nats.url}/b${round}`)];
    const [writer, reader] = await Promise.all(
      fleets.map(({ connection }) => BucketReplica.open(connection, 'test')),
    );
    const missed: string[] = [];
    const write = async (key: string): Promise<void> => {
      // As a server does that looks whether there is room, writes, and looks again.
      await reader!.current();
      await writer!.kv.put(key, 'first');
      const replaced = writer!.kv.put(key, 'second');
      if (!(await reader!.current()).has(key)) missed.push(key);
      await replaced;
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(write));
    expect(missed).toEqual([]);
    for (const replica of [writer!, reader!]) replica.close();
    for (const fleet of fleets) await fleet.close();
  }
});
