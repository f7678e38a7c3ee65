import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** Names the file that `record` writes to; not set where a benchmark is run by itself. */
export const RESULTS_VARIABLE = 'WHOSPEAKS_BENCH_RESULTS';

/** Keep a measured number for the table of goals that `measure/speed/main.ts` makes. */
export function record(name: string, value: number): void {
  const file = process.env[RESULTS_VARIABLE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify([name, value])}\n`);
}

export function recorded(file: string): Map<string, number> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return new Map(lines.map((line) => JSON.parse(line) as [string, number]));
}
