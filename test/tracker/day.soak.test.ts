import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { builtProgram } from '../built-program.js';
import type { Day } from './day-main.js';

/**
 * From the first quarter of the day to its end, 1.3 MB: turns of strangers are remembered, so that they can be
 * corrected; some 5000 more of 250 bytes each. Two runs differ by 0.02 MB. (Inside a worker of the test runner, which
 * keeps things of its own, the same came out between 0.8 and 2.1 MB.)
 */
const MAX_GROWTH_BYTES = 2e6;
const MAX_TEST_MS = 900_000;

async function liveThroughADay(): Promise<Day> {
  const program = await builtProgram('test/tracker/day-main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program]);
  return JSON.parse(stdout) as Day;
}

test(
  'a day of speech without end, of regulars and of ever new people: flat memory, constant speed, a bounded cast',
  async () => {
    const day = await liveThroughADay();
    // It was a day of work: most turns were told, of both kinds, and strangers came and went.
    expect(day.known).toBeGreaterThan(3000);
    expect(day.unknown).toBeGreaterThan(3000);
    expect(day.labels).toBeGreaterThan(3 * day.maxUnknown);
    expect(day.alive).toBeGreaterThan(0);
    expect(day.alive).toBeLessThanOrEqual(day.maxUnknown);
    expect(day.bytes.at(-1)! - day.bytes[0]!).toBeLessThan(MAX_GROWTH_BYTES);
    // After 18 hours it is as fast as a new one that hears the same at the same time.
    expect(day.oldMs / day.youngMs).toBeLessThan(1.5);
  },
  MAX_TEST_MS,
);
