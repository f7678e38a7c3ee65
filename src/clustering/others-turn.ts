import { setImmediate } from 'node:timers/promises';

/** Resolves when others who wait for the event loop have been served. */
export const othersTurn = (): Promise<void> => setImmediate();
