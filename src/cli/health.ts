import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Command } from 'commander';
import { WhospeaksError } from '../errors.js';
// Not the whole server: a container asks every few seconds.
import { checkReload, readSettings, type Settings } from '../server/load-config.js';

/** A health check of a container may take no longer, ms. */
const TIMEOUT_MS = 2500;

/** `whospeaks health`: asks the service of this machine, by the same settings as `serve`, whether it takes streams. */
export function healthCommand(): Command {
  return new Command('health')
    .option('--config <file>', 'settings as JSON, as given to serve')
    .option('--port <n>', 'port, as given to serve')
    .option('--base-path <path>', 'base path, as given to serve')
    .option('--tls-cert <file>', 'certificate chain, as given to serve: ask by https')
    .option('--tls-key <file>', 'its key, as given to serve')
    .action(health);
}

async function health({ config: file, ...flags }: Settings & { readonly config?: string }): Promise<void> {
  const settings = readSettings({ file, env: process.env, flags });
  // What it has to do with is where the service listens: who may, it need not be able to read.
  const { host, port, basePath, tlsCert } = checkReload({
    ...pick(settings, ['host', 'port', 'basePath', 'tlsCert', 'tlsKey']),
    tokens: [NOBODY],
  });
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? '127.0.0.1' : host;
  const url = `${tlsCert === undefined ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}${basePath}/readyz`;
  const { status, body } = await ask(url);
  if (status !== 200) throw new WhospeaksError('server-failed', `${url} answered ${status}: ${body}`);
  process.stdout.write(`${body}\n`);
}

/** Stands for the tokens, which are not looked at. */
const NOBODY = { id: 'nobody', group: 'nobody', sha256: '0'.repeat(64) };

function pick(settings: Settings, names: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => names.includes(name)));
}

function ask(url: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => {
      reject(
        new WhospeaksError(
          'server-failed',
          `no answer from ${url}: ${cause.message}; is the service running?`,
          {
            cause,
          },
        ),
      );
    };
    // Its certificate has the name that clients know, and not the one of this machine to itself.
    const request = url.startsWith('https:')
      ? httpsRequest(url, { rejectUnauthorized: false, timeout: TIMEOUT_MS })
      : httpRequest(url, { timeout: TIMEOUT_MS });
    request.on('error', refuse);
    request.on('timeout', () => request.destroy(new Error(`nothing came within ${TIMEOUT_MS / 1000} s`)));
    request.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body = `${body}${text}`.slice(0, 1000)));
      response.on('error', refuse);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: body.trim() });
      });
    });
    request.end();
  });
}
