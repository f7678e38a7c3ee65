import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { WhospeaksError } from '../errors.js';
import { writeWholeFile } from '../whole-file.js';
import type { Settings } from '../server/index.js';
import { onInterrupt } from './on-interrupt.js';

type ServeFlags = Settings & { readonly config?: string };

/** `whospeaks serve`: the WebSocket service and its page. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('Serve streams over WebSocket, speakers over HTTP, and a page that shows who is speaking.')
    .option('--config <file>', 'settings as JSON; docs/server.md lists them all')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1; beyond it only with tokens)')
    .option('--port <n>', 'port; 0 takes any that is free (default: 7979)')
    .option('--tokens-file <file>', 'who may: see `whospeaks token`')
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--allowed-origins <list>', 'origins of other web pages that may use the server, with commas')
    .option('--data-folder <folder>', 'where speakers are kept')
    .option('--model <name>', 'model name or file (default: the bundled one)')
    .option('--engine <name>', 'auto, mlx or cpu (default: auto, which takes mlx where it has a GPU)')
    .option('--threads <n>', 'threads of the network')
    .option('--latency-seconds <s>', 'how long after a turn it is settled, unless a client says otherwise')
    .option('--max-streams <n>', 'streams in all (default: auto, measured at the start)')
    .option('--drain-seconds <s>', 'how long streams may go on after SIGTERM (default: 10)')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (default: info)')
    .action(runServer);
}

/** `whospeaks token`: a token is shown once, its hash is kept. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('Make a token for `whospeaks serve`: it is printed once, and its hash goes into the file.')
    .requiredOption('--file <file>', 'tokens file; made where there is none')
    .option('--group <name>', 'speaker group that it opens', groupName, 'default')
    .option('--id <name>', 'name of the token in logs (default: the group and a number)')
    .option('--operator', 'may read the metrics of every group')
    .action(addToken);
}

async function runServer(flags: ServeFlags): Promise<void> {
  // The service's libraries are loaded by this command alone.
  const { loadConfig, serve } = await import('../server/index.js');
  const { config: file, ...settings } = flags;
  const server = await serve(loadConfig({ file, env: process.env, flags: settings }));
  onInterrupt(() => {
    void server.drain();
  }, ['SIGTERM', 'SIGINT']);
}

async function addToken(options: {
  file: string;
  group: string;
  id?: string;
  operator?: true;
}): Promise<void> {
  const { makeToken, readTokensFile } = await import('../server/index.js');
  const isNew = !isThere(options.file);
  const records = isNew ? [] : readTokensFile(options.file);
  const id = options.id ?? `${options.group}-${records.length + 1}`;
  if (records.some((record) => record.id === id)) {
    throw new WhospeaksError(
      'server-config',
      `${options.file} has a token "${id}" already; give another --id`,
    );
  }
  const { token, record } = makeToken(id, options.group);
  const tokens = [...records, { ...record, operator: options.operator === true }];
  try {
    const text = `${JSON.stringify({ tokens }, null, 2)}\n`;
    await writeWholeFile(options.file, text, isNew ? 0o600 : undefined);
  } catch (error) {
    throw new WhospeaksError(
      'server-config',
      `cannot write ${options.file}: ${(error as Error).message}; check its folder, permissions and free space`,
      { cause: error },
    );
  }
  process.stdout.write(`${token}\n`);
}

function isThere(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function groupName(value: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(value)) return value;
  throw new InvalidArgumentError('expected lower-case letters, digits, - and _.');
}
