import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IdentifyEvent } from 'whospeaks';

export interface Listened {
  readonly events: readonly IdentifyEvent[];
  /** Peak resident memory, MiB; Linux only. */
  readonly peakMiB: number;
  readonly wallSeconds: number;
}

const MAX_RUN_MS = 30 * 60_000;

/** Run `listen --json` as a user would, in a process of its own, and watch its memory. */
export function listen(args: readonly string[], env: NodeJS.ProcessEnv = process.env): RunningListen {
  const started = performance.now();
  const child = spawn(process.execPath, ['dist/cli/main.js', 'listen', '--json', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MAX_RUN_MS,
  });
  let output = '';
  let errors = '';
  let peakMiB = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const watch = setInterval(() => {
    peakMiB = Math.max(peakMiB, residentPeakMiB(child.pid));
  }, 200);
  const done = new Promise<Listened>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      if (code !== 0) {
        reject(new Error(`listen ${args.join(' ')} ended with ${String(code)}: ${errors}`));
        return;
      }
      const events = output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as IdentifyEvent);
      resolve({ events, peakMiB, wallSeconds: (performance.now() - started) / 1000 });
    });
  });
  return {
    done,
    interrupt: () => {
      child.kill('SIGINT');
    },
  };
}

export interface RunningListen {
  readonly done: Promise<Listened>;
  /** As Ctrl-C. */
  interrupt(): void;
}

function residentPeakMiB(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
