/**
 * What a fleet costs and withstands: `npm run load:fleet [-- --streams N --seconds S --kills K --only cost,kills,split,disk]`. Three
 * NATS nodes and servers with the bundled network on the loopback address. Prints what a stream costs with the fleet and without it, by
 * the CPU time of the servers; events a second; size of the states of sessions and the time to keep one; how sessions come through
 * SIGKILL of their servers; what streams notice where one NATS node is cut off from the others, and where its disk is full.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Balancer } from '../../../test/fleet/moving-stream.js';
import { startServer, stop, type ServerProcess } from '../server.js';
import { cost } from './cost.js';
import { fullDisk, split } from './faults.js';
import { killServers } from './kills.js';
import { SplitCluster } from './split-cluster.js';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '60' },
    kills: { type: 'string', default: '100' },
    only: { type: 'string', default: 'cost,kills,split,disk' },
  },
});
const [streams, seconds, kills] = [values.streams, values.seconds, values.kills].map(Number) as [
  number,
  number,
  number,
];
/** Of the third node: what a run needs many times over, and soon full. */
const DISK_MIB = 256;
/** Of sessions under kills. */
const [SESSIONS, SPEED] = [4, 4];

async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'whospeaks-fleet-load-'));
  const cluster = await SplitCluster.start(DISK_MIB);
  const balancer = await Balancer.start();
  const open: ServerProcess[] = [];
  const start = async (flags: readonly string[]): Promise<ServerProcess> => {
    const env = { WHOSPEAKS_SERVE_REQUESTS_PER_SECOND: '1000', WHOSPEAKS_SERVE_REFUSE_WHEN_BEHIND: 'false' };
    const server = await startServer(home, ['--log-level', 'info', '--max-streams', '200', ...flags], env);
    open.push(server);
    return server;
  };
  const member = (name: string): Promise<ServerProcess> => start(['--fleet', cluster.url(name)]);
  const parts: Record<string, () => Promise<void>> = {
    cost: async () => {
      const members = [await member('cost'), await member('cost')];
      await cost([await start([]), await start([])], members, streams, seconds);
    },
    kills: () => killServers(balancer, () => member('kills'), { kills, sessions: SESSIONS, speed: SPEED }),
    split: async () => {
      await split(cluster, [await member('split'), await member('split')], streams, seconds);
    },
    disk: async () => {
      await fullDisk(cluster, [await member('disk'), await member('disk')], streams, seconds);
    },
  };
  try {
    for (const name of values.only.split(',')) {
      const part = parts[name];
      if (part === undefined)
        throw new Error(`--only: "${name}" is none of ${Object.keys(parts).join(', ')}`);
      await part();
      for (const { child } of open.splice(0)) await stop(child);
    }
  } finally {
    for (const { child } of open) await stop(child);
    balancer.close();
    await cluster.stop();
    await rm(home, { recursive: true, force: true });
  }
}

await main();
