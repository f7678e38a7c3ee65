/**
 * What a fleet costs: `npm run load:fleet [-- --streams N --seconds S --kills K]`. Three NATS nodes and two servers with the
 * bundled network on the loopback address, real-time streams on both. Prints what a stream costs with the fleet and without it, by the
 * CPU time of the servers; the states of sessions that NATS holds; and the time from SIGKILL of a server to the next event of its
 * streams.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/index.js';
import { FleetConnection } from '../../src/fleet/fleet-connection.js';
import { parseFleetUrl } from '../../src/fleet/fleet-url.js';
import { Balancer } from '../../test/fleet/moving-stream.js';
import { NatsCluster } from '../../test/fleet/nats-cluster.js';
import { percentile } from './live-client.js';
import { startServer, stop, type ServerProcess } from './server.js';

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '30' },
    kills: { type: 'string', default: '3' },
  },
});
const [streams, seconds, kills] = [values.streams, values.seconds, values.kills].map(Number) as [
  number,
  number,
  number,
];
const pcm = readFileSync(new URL('../../examples/audio/meeting.wav', import.meta.url)).subarray(44);
const PIECE_BYTES = 3200;
const PIECE_MS = 100;
/** Before a figure is taken: sessions begin, the first windows are heard. */
const WARM_UP_MS = 5000;

interface Microphone {
  readonly close: () => void;
  readonly events: () => number;
  /** Whether the connection was lost since then. */
  readonly wasLost: (sinceMs: number) => boolean;
  /** When the first event came after that; undefined where none has come. */
  readonly firstAfter: (sinceMs: number) => number | undefined;
}

/** A microphone of the SDK's client: it comes back by itself. */
function microphone(url: string, offset: number): Microphone {
  const client = connect({ url, WebSocket, backoffMs: [50, 200], maxAttempts: 1000, bufferSeconds: 120 });
  const eventsMs: number[] = [];
  const lostMs: number[] = [];
  client.status$.subscribe({
    next: ({ state }) => {
      if (state === 'waiting') lostMs.push(performance.now());
    },
    error: () => undefined,
  });
  client.events$.subscribe({
    next: ({ type }) => {
      if (type === 'restarted') console.error('a stream began anew');
      eventsMs.push(performance.now());
    },
    error: (error: unknown) => {
      console.error(error);
    },
  });
  let at = offset;
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    while (startMs + (sent + 1) * PIECE_MS <= performance.now()) {
      void client.send(pcm.subarray(at, at + PIECE_BYTES)).catch(() => undefined);
      at = (at + PIECE_BYTES) % (pcm.length - PIECE_BYTES);
      sent++;
    }
  }, PIECE_MS / 2);
  return {
    close: () => {
      clearInterval(timer);
      client.close();
    },
    events: () => eventsMs.length,
    wasLost: (sinceMs) => lostMs.some((each) => each >= sinceMs),
    firstAfter: (sinceMs) => eventsMs.find((each) => each > sinceMs),
  };
}

/** CPU time that a process has used, ms. */
function cpuMs({ child }: ServerProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function costOf(
  servers: readonly ServerProcess[],
  balancer: Balancer,
): Promise<{ readonly share: number; readonly eventsPerSecond: number }> {
  balancer.members = [...servers];
  const microphones = Array.from({ length: streams }, (_, i) =>
    microphone(balancer.url, ((i * 7919) % Math.floor(pcm.length / PIECE_BYTES - 1)) * PIECE_BYTES),
  );
  await sleep(WARM_UP_MS);
  const total = (): number => servers.reduce((sum, server) => sum + cpuMs(server), 0);
  const heard = (): number => microphones.reduce((sum, { events }) => sum + events(), 0);
  const [cpu, events] = [total(), heard()];
  await sleep(seconds * 1000);
  const share = (total() - cpu) / (seconds * 1000) / streams;
  const eventsPerSecond = (heard() - events) / seconds;
  for (const each of microphones) each.close();
  return { share, eventsPerSecond };
}

async function main(): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'whospeaks-fleet-load-'));
  const cluster = await NatsCluster.start();
  const balancer = await Balancer.start();
  const open: ServerProcess[] = [];
  const start = async (flags: readonly string[]): Promise<ServerProcess> => {
    const server = await startServer(home, ['--log-level', 'info', '--max-streams', '200', ...flags]);
    open.push(server);
    return server;
  };
  const fleet = cluster.url('load');
  try {
    const alone = [await start([]), await start([])];
    const without = await costOf(alone, balancer);
    for (const { child } of alone) await stop(child);
    let members = [await start(['--fleet', fleet]), await start(['--fleet', fleet])];
    const within = await costOf(members, balancer);
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
    console.log(`streams ${streams}, ${seconds} s; ${within.eventsPerSecond.toFixed(1)} events a second`);
    console.log(
      `a stream, of one core: without a fleet ${percent(without.share)}, in a fleet ${percent(within.share)}`,
    );

    balancer.members = members;
    const microphones = Array.from({ length: streams }, (_, i) =>
      microphone(balancer.url, i * 10 * PIECE_BYTES),
    );
    await sleep(2 * WARM_UP_MS);
    const connection = await FleetConnection.open(parseFleetUrl(fleet));
    const { state } = await connection.jsm.streams.info('KV_load_sessions');
    console.log(`states of sessions: ${(state.bytes / streams / 1024).toFixed(0)} KiB a stream in NATS`);
    await connection.close();
    const gapsMs: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const [victim, other] = members as [ServerProcess, ServerProcess];
      balancer.members = [other];
      const atMs = performance.now();
      await stop(victim.child);
      await sleep(3 * WARM_UP_MS);
      for (const each of microphones) {
        if (each.wasLost(atMs)) gapsMs.push((each.firstAfter(atMs) ?? Infinity) - atMs);
      }
      members = [other, await start(['--fleet', fleet])];
      balancer.members = members;
    }
    const shown = (share: number): string => `${percentile(gapsMs, share).toFixed(0)} ms`;
    console.log(
      `SIGKILL to the next event, ${kills} kills, ${gapsMs.length} streams that lost their server: p50 ${shown(0.5)}, p99 ${shown(0.99)}`,
    );
    for (const each of microphones) each.close();
  } finally {
    for (const { child } of open) await stop(child);
    balancer.close();
    await cluster.stop();
    await rm(home, { recursive: true, force: true });
  }
}

await main();
