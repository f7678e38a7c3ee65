import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { ChildMessage, Reply } from './answer-jobs.js';

export interface Limits {
  /** Between two signs of life of a job. */
  readonly hangMs: number;
  /** Peak of the process. */
  readonly mostMiB: number;
}

/** How a job ended: as the child says, or as what had to be done to the child. */
export type Outcome =
  | ({ readonly kind: 'reply' } & Reply)
  | { readonly kind: 'hang' | 'memory' | 'crash'; readonly what: string };

/** So far beyond its limit a process is not waited for. */
const RUNAWAY = 2;
const LOOK_MS = 100;
const START_MS = 60_000;

/** A child process that is handed one job after another, and is killed where one hangs or eats memory. */
export class WatchedChild {
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #limits: Limits;
  #child: ChildProcess | null = null;

  constructor(program: string, args: readonly string[], limits: Limits) {
    this.#program = program;
    this.#args = args;
    this.#limits = limits;
  }

  /** Never rejects. After anything but a reply within the limits the next job gets a fresh process. */
  async run(job: unknown): Promise<Outcome> {
    const child = (this.#child ??= await this.#start());
    const outcome = await this.#watch(child, job);
    if (outcome.kind !== 'reply') this.close();
    return outcome;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(this.#program, this.#args, {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const ready = once(child, 'message', { signal: AbortSignal.timeout(START_MS) });
    await Promise.race([ready, once(child, 'exit').then(() => Promise.reject(new Error('no start')))]);
    return child;
  }

  #watch(child: ChildProcess, job: unknown): Promise<Outcome> {
    const { hangMs, mostMiB } = this.#limits;
    return new Promise((resolve) => {
      let said = '';
      let aliveMs = performance.now();
      const onError = (text: Buffer): void => void (said += text.toString());
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        const first = said.split('\n').find((line) => line.trim() !== '');
        settle({ kind: 'crash', what: `${signal ?? `exit ${code}`}: ${first ?? 'no word'}` });
      };
      const onMessage = (message: ChildMessage): void => {
        aliveMs = performance.now();
        if (message === 'alive') return;
        const { peakMiB } = message;
        if (peakMiB > mostMiB) settle({ kind: 'memory', what: `${peakMiB.toFixed(0)} MiB` });
        else settle({ kind: 'reply', ...message });
      };
      const settle = (outcome: Outcome): void => {
        clearInterval(timer);
        child.stderr!.off('data', onError);
        child.off('exit', onExit).off('message', onMessage);
        resolve(outcome);
      };
      const timer = setInterval(() => {
        const silentMs = performance.now() - aliveMs;
        const peak = peakOf(child);
        const isHanging = silentMs > hangMs;
        if (peak > (isHanging ? 1 : RUNAWAY) * mostMiB)
          settle({ kind: 'memory', what: `${peak.toFixed(0)} MiB` });
        else if (isHanging) settle({ kind: 'hang', what: `nothing for ${hangMs / 1000} s` });
      }, LOOK_MS);
      child.stderr!.on('data', onError);
      child.on('exit', onExit).on('message', onMessage);
      child.send(job as object, () => undefined);
    });
  }
}

/** 0 where the system does not tell; a job's reply tells it then. */
function peakOf({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
