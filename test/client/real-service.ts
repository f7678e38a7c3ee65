import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { speakers } from '../../src/client/index.js';
import { configSchema, type ServerConfigInput } from '../../src/server/config.js';
import { serve, type RunningServer } from '../../src/server/serve.js';
import { AUDIO } from '../helpers.js';

/** The service itself with the bundled model, on a free port of this machine, its speakers in a new folder. */
export async function realService(
  config: ServerConfigInput = {},
  enrolled: readonly string[] = ['alice', 'bob'],
): Promise<RunningServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'service-'));
  const server = await serve(
    configSchema.parse({ port: 0, maxStreams: 8, logLevel: 'silent', dataFolder, ...config }),
    { logger: pino({ level: 'silent' }) },
  );
  const client = speakers({ url: server.url });
  for (const name of enrolled) await client.enroll(name, readFileSync(`${AUDIO}/${name}.wav`));
  return server;
}
