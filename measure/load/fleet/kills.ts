import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { connect, type StreamEvent } from '../../../src/client/index.js';
import type { Balancer } from '../../../test/fleet/moving-stream.js';
import { percentile } from '../live-client.js';
import { stop, type ServerProcess } from '../server.js';
import { PCM } from './microphone.js';

interface Session {
  /** The events as JSON, one a line. */
  readonly events: string;
  readonly restarts: number;
}

const PIECE_BYTES = 6400;

/** One session: the meeting at so many times real time. */
async function hear(
  url: string,
  speed: number,
  killedMs: () => number,
  onBack: (lostMs: number) => void,
): Promise<Session> {
  const client = connect({
    url,
    WebSocket,
    live: false,
    backoffMs: [20, 100],
    maxAttempts: 1000,
    bufferSeconds: 120,
  });
  const events: StreamEvent[] = [];
  let lostMs: number | undefined;
  const over = new Promise<void>((resolve, reject) => {
    client.events$.subscribe({
      next: (event) => {
        events.push(event);
        if (lostMs !== undefined) onBack(lostMs);
        lostMs = undefined;
      },
      complete: resolve,
      error: reject,
    });
  });
  over.catch(() => undefined);
  client.status$.subscribe({
    next: ({ state }) => {
      if (state === 'waiting') lostMs ??= killedMs();
    },
    error: () => undefined,
  });
  for (let at = 0; at < PCM.length; at += PIECE_BYTES) {
    // Where the session is over, `over` says why.
    const isTaken = await client.send(PCM.subarray(at, at + PIECE_BYTES)).then(
      () => true,
      () => false,
    );
    if (!isTaken) break;
    await sleep(200 / speed);
  }
  client.end();
  await over;
  const restarts = events.filter(({ type }) => type === 'restarted').length;
  return { events: events.map((event) => JSON.stringify(event)).join('\n'), restarts };
}

/** Servers are killed at random moments under sessions whose events are compared with those of an uncut one. */
export async function killServers(
  balancer: Balancer,
  start: () => Promise<ServerProcess>,
  { kills, sessions, speed }: { readonly kills: number; readonly sessions: number; readonly speed: number },
): Promise<void> {
  balancer.members = [await start(), await start(), await start()];
  for (const name of ['alice', 'bob']) {
    const body = readFileSync(new URL(`../../../examples/audio/${name}.wav`, import.meta.url));
    await fetch(`${balancer.url}/v1/speakers/${name}`, { method: 'PUT', body });
  }
  await sleep(2000);
  let lastMs = 0;
  const killedMs = (): number => lastMs;
  const uncut = await hear(balancer.url, speed, killedMs, () => undefined);
  const gapsMs: number[] = [];
  let [killed, isOver, same, other, restarts, failed] = [0, false, 0, 0, 0, 0];
  const loop = async (): Promise<void> => {
    while (!isOver) {
      try {
        const session = await hear(balancer.url, speed, killedMs, (lostMs) => {
          gapsMs.push(performance.now() - lostMs);
        });
        restarts += session.restarts;
        if (session.events === uncut.events) same++;
        else other++;
      } catch (error) {
        failed++;
        console.error(error);
      }
    }
  };
  const startMs = performance.now();
  const loops = Array.from({ length: sessions }, loop);
  while (killed < kills) {
    await sleep(200 + Math.random() * 2000);
    const members = balancer.members as ServerProcess[];
    const victim = members[Math.floor(Math.random() * members.length)]!;
    // Whoever comes back goes elsewhere at once, as with a balancer that looks for who lives.
    balancer.members = members.filter((each) => each !== victim);
    lastMs = performance.now();
    await stop(victim.child);
    killed++;
    balancer.members = [...balancer.members, await start()];
  }
  isOver = true;
  await Promise.all(loops);
  const shown = (share: number): string => `${percentile(gapsMs, share).toFixed(0)} ms`;
  console.log(
    `kills: ${killed} servers killed in ${((performance.now() - startMs) / 1000).toFixed(0)} s under ${sessions} sessions at ${speed} times real time`,
  );
  console.log(
    `sessions: ${same} with the same events as an uncut one, ${other} with others, ${restarts} begun anew, ${failed} failed; ${gapsMs.length} resumes`,
  );
  console.log(`from SIGKILL to the next event: p50 ${shown(0.5)}, p99 ${shown(0.99)}, longest ${shown(1)}`);
  for (const { child } of balancer.members) await stop(child);
}
