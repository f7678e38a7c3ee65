import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when it is so, or after `mostMs` of the clock. */
export async function until(isSo: () => boolean, mostMs: number, nowMs: () => number): Promise<void> {
  const endMs = nowMs() + mostMs;
  while (!isSo() && nowMs() < endMs) await sleep(20);
}
