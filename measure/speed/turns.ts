import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMs, median, spread } from './statistics.js';

/** One number a round. */
export interface Times {
  readonly clockMs: readonly number[];
  /** Of the process: all its threads. */
  readonly cpuMs: readonly number[];
}

export interface TurnsOptions {
  readonly rounds: number;
  /** Rounds before, that are not counted. */
  readonly warmUp?: number;
  /** Before each run. */
  readonly restMs?: number;
}

/** Runs all of them, one after the other, again and again: whatever else the machine does meets all of them. */
export async function takeTurns(
  runners: Readonly<Record<string, () => Promise<unknown>>>,
  { rounds, warmUp = 3, restMs = 0 }: TurnsOptions,
): Promise<Map<string, Times>> {
  const times = new Map<string, { clockMs: number[]; cpuMs: number[] }>();
  for (const name of Object.keys(runners)) times.set(name, { clockMs: [], cpuMs: [] });
  for (let i = -warmUp; i < rounds; i += 1) {
    for (const [name, run] of Object.entries(runners)) {
      if (restMs > 0) await sleep(restMs);
      const start = performance.now();
      const cpuStart = cpuMs();
      await run();
      if (i < 0) continue;
      times.get(name)!.clockMs.push(performance.now() - start);
      times.get(name)!.cpuMs.push(cpuMs() - cpuStart);
    }
  }
  return times;
}

/** Each number as a share of the other list's of the same round. */
export const shares = (list: readonly number[], of: readonly number[]): number[] =>
  list.map((value, i) => value / of[i]!);

/** The median share of its peer's CPU time, which other programs disturb less than the clock. */
export const cpuShare = (times: ReadonlyMap<string, Times>, name: string, peer: string): number =>
  median(shares(times.get(name)!.cpuMs, times.get(peer)!.cpuMs));

/** A Markdown table, a row for each that took turns; `peers` says whose time each is compared with. */
export function turnsTable(
  times: ReadonlyMap<string, Times>,
  peers: Readonly<Record<string, string>>,
): string {
  const rows = [...times].map(([name, list]) => {
    const peer = peers[name];
    const share = peer === undefined ? '' : spread(shares(list.cpuMs, times.get(peer)!.cpuMs));
    return `| ${name} | ${spread(list.clockMs)} | ${spread(list.cpuMs)} | ${share} | ${peer ?? ''} |`;
  });
  return [
    '| minimum / median / maximum | clock, ms | CPU, ms | share of CPU time | of |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
