import { Command } from 'commander';
import { isWhospeaksError } from '../errors.js';
import type { RunningServer, Settings } from '../server/index.js';
import { onInterrupt } from './on-interrupt.js';
import { startText } from './serve-start.js';

type ServeFlags = Settings & { readonly config?: string };

/** `whospeaks serve`: the WebSocket service and its page. */
export function serveCommand(): Command {
  return new Command('serve')
    .option('--config <file>', 'settings as JSON; see docs/server.md')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1; others need tokens)')
    .option('--port <n>', 'port; 0 takes any that is free (default: 7979)')
    .option('--base-path <path>', 'path prefix of everything, such as /voices')
    .option('--tokens-file <file>', 'tokens: see `whospeaks token`')
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--allowed-origins <list>', 'other origins whose pages may use the server, with commas')
    .option('--data-folder <folder>', 'where speakers are kept')
    .option('--fleet <url>', 'the fleet that it belongs to: nats://HOST:4222/NAME')
    .option('--fleet-address <url>', 'address of this server alone, for clients of a full one')
    .option('--trash-days <n>', 'days that a removed speaker can be restored (default: 7)')
    .option('--keep-audio-days <n>', 'days to keep enrolment recordings (default: 0)')
    .option('--store-key-file <file>', 'keys that encrypt what is stored')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option('--engine <name>', 'auto, mlx or cpu (default: auto: mlx on a GPU, else cpu)')
    .option('--precision <kind>', 'auto, fp32, bf16, fp16 or int8 (default: fp32)')
    .option('--threads <n>', 'threads of the network')
    .option('--latency-seconds <s>', 'default delay of final answers')
    .option('--max-streams <n>', 'streams in all (default: auto, measured at the start)')
    .option('--drain-seconds <s>', 'how long streams may go on after SIGTERM (default: 10)')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (default: info)')
    .option('--log-format <format>', 'json, text, or auto: text at a terminal (default: auto)')
    .action(runServer);
}

async function runServer(flags: ServeFlags): Promise<void> {
  // The service's libraries are loaded by this command alone.
  const { checkConfig, isTextLog, readSettings, serve } = await import('../server/index.js');
  const { config: file, ...settings } = flags;
  const read = (): Settings => readSettings({ file, env: process.env, flags: settings });
  const started: { server?: RunningServer } = {};
  const reload = async (): Promise<void> => {
    const { server } = started;
    try {
      await server?.reload(read());
    } catch (error) {
      const why = isWhospeaksError(error) ? error.message : String(error);
      server?.logger.error({ why }, 'the settings cannot be read again, those before stay');
    }
  };
  // From the first moment on: whoever does not listen to it is ended by it.
  process.on('SIGHUP', () => void reload());
  const config = checkConfig(read());
  const server = await serve(config);
  started.server = server;
  onInterrupt(() => {
    void server.drain();
  }, ['SIGTERM', 'SIGINT']);
  if (isTextLog(config.logFormat)) process.stdout.write(startText(server, config));
}
