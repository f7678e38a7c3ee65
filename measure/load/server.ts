import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LiveClient } from './live-client.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
}

/** `whospeaks serve` in a process of its own, on any free port, its data in the folder `home`. */
export async function startServer(
  home: string,
  flags: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--port', '0', ...flags], {
    cwd: ROOT,
    env: { ...process.env, WHOSPEAKS_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      const found = /"url":"([^"]+)"/.exec(text.toString());
      if (found) resolve(found[1]!);
    });
    child.once('exit', () => {
      reject(new Error('the server did not start'));
    });
  });
  return { child, url };
}

export function rssMiB(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** Clients begin spread over one step of the analysis, as people do. */
export async function connect(
  url: string,
  count: number,
  pcm: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<LiveClient[]> {
  const clients: LiveClient[] = [];
  for (let i = 0; i < count; i++) {
    const offset = ((i * 7919) % Math.floor(pcm.length / 3200)) * 3200;
    clients.push(new LiveClient(url, pcm, offset, headers));
    await sleep(Math.min(40, 1000 / count));
  }
  return clients;
}
