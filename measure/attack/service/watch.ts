import { setTimeout as sleep } from 'node:timers/promises';
import { percentile, type LiveClient } from '../../load/live-client.js';
import type { ServerProcess } from '../../load/server.js';

/** What the live streams and the server itself were like for a while. */
export interface Watched {
  /** From sending the last sample that an event was decided on to receiving it. */
  readonly eventP99Ms: number;
  readonly eventsPerSecond: number;
  /** Time to answer `GET /healthz`, which waits for nothing but its turn in the event loop. */
  readonly turnP99Ms: number;
  /** Streams that are over. */
  readonly ended: number;
}

const PROBE_EVERY_MS = 50;

export async function watch(
  { url }: ServerProcess,
  clients: readonly LiveClient[],
  seconds: number,
): Promise<Watched> {
  for (const client of clients) client.reset();
  const startMs = performance.now();
  const turnsMs: number[] = [];
  const probes: Promise<void>[] = [];
  while (performance.now() - startMs < seconds * 1000) {
    probes.push(probe(url, seconds * 1000).then((ms) => void turnsMs.push(ms)));
    await sleep(PROBE_EVERY_MS);
  }
  const tookSeconds = (performance.now() - startMs) / 1000;
  const delays = clients.flatMap(({ delaysMs }) => delaysMs);
  await Promise.all(probes);
  return {
    eventP99Ms: percentile(delays, 0.99),
    eventsPerSecond: delays.length / tookSeconds,
    turnP99Ms: percentile(turnsMs, 0.99),
    ended: clients.filter(({ closeCode }) => closeCode !== null).length,
  };
}

/** How long an answer takes; one that does not come takes all the time that there is. */
export async function probe(url: string, mostMs: number): Promise<number> {
  const startMs = performance.now();
  try {
    await (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(mostMs) })).arrayBuffer();
    return performance.now() - startMs;
  } catch {
    return mostMs;
  }
}
