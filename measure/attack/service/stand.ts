import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeToken } from '../../../src/server/index.js';
import type { LiveClient } from '../../load/live-client.js';
import { connect, startServer, stop, type ServerProcess } from '../../load/server.js';
import { ATTACKS } from './hostile.js';

const PROGRAM = fileURLToPath(new URL('hostile-child.ts', import.meta.url));
const MEETING = fileURLToPath(new URL('../../../examples/audio/meeting.wav', import.meta.url));
export const DRAIN_SECONDS = 3;
const SETTLE_MS = 5000;
const pcm = readFileSync(MEETING).subarray(44);

/** Live streams of one group, and a token of another for each attack. */
const live = makeToken('live', 'live');
const tokens = Object.keys(ATTACKS).map((name, i) => ({
  name,
  ...makeToken(`hostile-${i}`, `hostile-${i}`),
}));

/** A server with live streams, and who attacks it. */
export class Stand {
  readonly server: ServerProcess;
  readonly clients: readonly LiveClient[];

  private constructor(server: ServerProcess, clients: readonly LiveClient[]) {
    this.server = server;
    this.clients = clients;
  }

  static async start(streams: number): Promise<Stand> {
    const home = mkdtempSync(join(tmpdir(), 'whospeaks-attack-'));
    const file = join(home, 'tokens.json');
    const records = [live, ...tokens].map(({ record }) => record);
    writeFileSync(file, JSON.stringify({ tokens: records }));
    const flags = ['--tokens-file', file, '--max-streams', '64', '--drain-seconds', String(DRAIN_SECONDS)];
    const server = await startServer(home, flags);
    const headers = { authorization: `Bearer ${live.token}` };
    const clients = await connect(server.url, streams, pcm, headers);
    await sleep(SETTLE_MS);
    return new Stand(server, clients);
  }

  /** Attack until it is stopped; `answers` fills meanwhile. */
  attack(names: readonly string[]): { readonly answers: string[]; stop(): Promise<void> } {
    const pairs = tokens
      .filter(({ name }) => names.includes(name))
      .flatMap(({ name, token }) => [name, token]);
    const child = fork(PROGRAM, [this.server.url, ...pairs], { execArgv: ['--import', 'tsx'] });
    const answers: string[] = [];
    child.on('message', (answer: string) => answers.push(answer));
    return { answers, stop: () => stop(child) };
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    await stop(this.server.child);
  }
}

/** How a process ends, and after how long; null where it does not in so many seconds. */
export async function endOf(
  child: ChildProcess,
  mostSeconds: number,
): Promise<{ readonly code: number | null; readonly seconds: number } | null> {
  const startMs = performance.now();
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      resolve(code);
    });
  });
  const code = await Promise.race([ended, sleep(mostSeconds * 1000, 'late' as const)]);
  return code === 'late' ? null : { code, seconds: (performance.now() - startMs) / 1000 };
}
