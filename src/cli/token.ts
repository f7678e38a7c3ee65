import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { WhospeaksError } from '../errors.js';
import { makeToken, type TokenRecord } from '../server/access/tokens.js';
import { readTokensFile } from '../server/load-config.js';
import { writeWholeFile } from '../whole-file.js';

interface FileOption {
  readonly file: string;
}

interface AddOptions extends FileOption {
  readonly group: string;
  readonly id?: string;
  readonly operator?: true;
  readonly expires?: string;
}

/** `whospeaks token`: who may use `serve`. A token is shown once, its hash is kept. */
export function tokenCommand(): Command {
  const command = new Command('token');
  const sub = (name: string, description: string, isDefault = false): Command =>
    command
      .command(name, { isDefault })
      .description(description)
      .requiredOption('--file <file>', 'tokens file');
  sub('add', 'make a token: print it once, and add its hash to the file', true)
    .option('--group <name>', 'speaker group that it opens', groupName, 'default')
    .option('--id <name>', 'name of the token in logs (default: the group and a number)')
    .option('--operator', 'may read the metrics of every group')
    .option('--expires <when>', 'lifetime such as 12h or 30d, or a date such as 2030-01-31', expiry)
    .action(add);
  sub('list', 'say which tokens there are').option('--json', 'as JSON').action(list);
  sub('revoke', 'forget a token: whoever uses it is hung up').argument('<id>').action(revoke);
  return command;
}

async function add({ file, group, id: given, operator, expires }: AddOptions): Promise<void> {
  const isNew = !existsSync(file);
  const records = isNew ? [] : readTokensFile(file);
  const isTaken = (id: string): boolean => records.some((record) => record.id === id);
  let number = records.length + 1;
  // One of those before may have been revoked.
  while (isTaken(`${group}-${number}`)) number += 1;
  const id = given ?? `${group}-${number}`;
  if (isTaken(id)) {
    throw new WhospeaksError('server-config', `${file} has a token "${id}" already; give another --id`);
  }
  const { token, record } = makeToken(id, group);
  const made = {
    ...record,
    operator: operator === true,
    ...(expires === undefined ? {} : { expiresAt: expires }),
  };
  await write(file, [...records, made], isNew);
  process.stdout.write(`${token}\n`);
}

function list({ file, json }: FileOption & { readonly json?: true }): void {
  const tokens = readTokensFile(file).map(({ sha256, ...told }) => told);
  if (json) {
    process.stdout.write(`${JSON.stringify({ tokens }, null, 2)}\n`);
    return;
  }
  if (tokens.length === 0) process.stdout.write(`no tokens in ${file}\n`);
  const width = Math.max(0, ...tokens.map(({ id }) => id.length));
  for (const { id, group, operator, maxStreams, expiresAt } of tokens) {
    const told = [`group ${group}`];
    if (operator) told.push('operator');
    if (maxStreams !== undefined) told.push(`at most ${maxStreams} streams`);
    if (expiresAt !== undefined)
      told.push(`${Date.parse(expiresAt) <= Date.now() ? 'expired' : 'expires'} ${expiresAt}`);
    process.stdout.write(`${id.padEnd(width)}  ${told.join(', ')}\n`);
  }
}

async function revoke(id: string, { file }: FileOption): Promise<void> {
  const records = readTokensFile(file);
  const left = records.filter((record) => record.id !== id);
  if (left.length === records.length) {
    throw new WhospeaksError(
      'server-config',
      `${file} has no token "${id}"; "whospeaks token list --file ${file}" says which it has`,
    );
  }
  await write(file, left, false);
  process.stdout.write(`revoked ${id}\n`);
}

async function write(file: string, tokens: readonly TokenRecord[], isNew: boolean): Promise<void> {
  try {
    await writeWholeFile(file, `${JSON.stringify({ tokens }, null, 2)}\n`, isNew ? 0o600 : undefined);
  } catch (error) {
    throw new WhospeaksError(
      'server-config',
      `cannot write ${file}: ${(error as Error).message}; check its folder, permissions and free space`,
      { cause: error },
    );
  }
}

function groupName(value: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(value)) return value;
  throw new InvalidArgumentError('expected lower-case letters, digits, - and _.');
}

const HOUR_MS = 3_600_000;

/** A time to come, ISO 8601. */
function expiry(value: string): string {
  const [, count, unit] = /^(\d+)([hd])$/.exec(value) ?? [];
  const atMs =
    count === undefined
      ? /^\d{4}-\d{2}-\d{2}/.test(value)
        ? Date.parse(value)
        : NaN
      : Date.now() + Number(count) * (unit === 'h' ? HOUR_MS : 24 * HOUR_MS);
  if (!(atMs > Date.now()) || atMs > 8.64e15)
    throw new InvalidArgumentError('expected a time to come, such as 12h, 30d or 2030-01-31.');
  return new Date(atMs).toISOString();
}
