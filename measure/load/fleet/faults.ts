import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../server.js';
import { metric } from './cost.js';
import { microphone } from './microphone.js';
import type { SplitCluster } from './split-cluster.js';

const STEP_MS = 200;

/** What streams notice while `begin` is true of the third node, and after `end`. */
async function under(
  what: string,
  members: readonly ServerProcess[],
  streams: number,
  seconds: number,
  { begin, end }: { readonly begin: () => void; readonly end: () => void | Promise<void> },
): Promise<void> {
  const microphones = Array.from({ length: streams }, (_, i) =>
    microphone(members[i % members.length]!.url, i),
  );
  await sleep(8000);
  const phase = async (during: number): Promise<string> => {
    const fromMs = performance.now();
    let [looks, out] = [0, 0];
    while (performance.now() - fromMs < during * 1000) {
      for (const each of members) {
        looks++;
        if ((await metric(each, 'whospeaks_fleet_reachable')) !== 1) out++;
      }
      await sleep(STEP_MS);
    }
    const toMs = performance.now();
    const came = microphones.map(({ eventsMs }) => eventsMs.filter((ms) => ms >= fromMs && ms < toMs));
    const longest = Math.max(
      ...came.map((each) =>
        [fromMs, ...each, toMs].reduce((most, ms, i, all) => Math.max(most, ms - (all[i - 1] ?? ms)), 0),
      ),
    );
    const rate = came.reduce((sum, each) => sum + each.length, 0) / ((toMs - fromMs) / 1000);
    return `${rate.toFixed(1)} events a second, longest pause ${(longest / 1000).toFixed(1)} s, NATS out of reach ${((100 * out) / looks).toFixed(0)} % of the time`;
  };
  console.log(`${what}: before: ${await phase(seconds / 2)}`);
  begin();
  console.log(`${what}: during ${seconds} s: ${await phase(seconds)}`);
  await end();
  console.log(`${what}: after: ${await phase(seconds / 2)}`);
  await sleep(10_000);
  const sum = async (name: string): Promise<number> =>
    (await Promise.all(members.map((each) => metric(each, name)))).reduce((total, each) => total + each, 0);
  const restarts = microphones.reduce((total, each) => total + each.restarts(), 0);
  console.log(
    `${what}: ${streams} streams, ${restarts} begun anew, ${await sum('whospeaks_fleet_dropped_events')} events dropped from the stream, ${await sum('whospeaks_fleet_waiting_events')} wait still`,
  );
  for (const each of microphones) each.close();
}

/** One of three nodes hears nothing of the others, and they nothing of it. */
export function split(
  cluster: SplitCluster,
  members: readonly ServerProcess[],
  streams: number,
  seconds: number,
): Promise<void> {
  return under('netsplit of one node', members, streams, seconds, {
    begin: () => {
      cluster.split();
    },
    end: () => {
      cluster.mend();
    },
  });
}

/** The disk of one of three nodes is full to the last byte; then the node is started anew on an empty one. */
export function fullDisk(
  cluster: SplitCluster,
  members: readonly ServerProcess[],
  streams: number,
  seconds: number,
): Promise<void> {
  const node = cluster.nodes[2]!;
  return under('full disk of one node', members, streams, seconds, {
    begin: () => {
      fill(join(node.disk, 'fill'));
    },
    end: async () => {
      await node.kill();
      await node.restart();
    },
  });
}

function fill(file: string): void {
  const handle = openSync(file, 'w');
  for (let bytes = 1024 * 1024; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(bytes));
    } catch {
      // No room for so many: for fewer, perhaps.
    }
  }
  closeSync(handle);
}
