import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What is reachable: the least of several collections. Buffers that nothing reaches are given back a while after a
 * collection, with turns of the event loop between.
 */
export async function reachableBytes(
  collect: () => unknown,
  { rounds = 4, waitMs = 1 } = {},
): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < rounds; i++) {
    collect();
    await sleep(waitMs);
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    least = Math.min(least, heapUsed + arrayBuffers);
  }
  return least;
}
