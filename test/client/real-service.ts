import { pino } from 'pino';
import { configSchema, type ServerConfigInput } from '../../src/server/config.js';
import { serve, type RunningServer } from '../../src/server/serve.js';
import { dataWithExamples } from '../server/support.js';

/** The service itself with the bundled model, on a free port of this machine, its speakers in a new folder. */
export async function realService(
  config: ServerConfigInput = {},
  enrolled: readonly string[] = ['alice', 'bob'],
): Promise<RunningServer> {
  const dataFolder = await dataWithExamples(enrolled);
  return serve(configSchema.parse({ port: 0, maxStreams: 8, logLevel: 'silent', dataFolder, ...config }), {
    logger: pino({ level: 'silent' }),
  });
}
