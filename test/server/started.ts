import { onTestFinished } from 'vitest';
import type { RunningServer } from '../../src/server/index.js';
import { startServer } from './support.js';

/** A server that is closed when the test ends. */
export async function started(...args: Parameters<typeof startServer>): Promise<RunningServer> {
  const server = await startServer(...args);
  onTestFinished(() => server.close());
  return server;
}
