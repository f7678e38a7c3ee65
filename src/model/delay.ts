import { setTimeout as sleep } from 'node:timers/promises';

/** Wait; an abort rejects with the signal's own reason. */
export async function delay(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}
