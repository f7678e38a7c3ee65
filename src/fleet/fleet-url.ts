import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { WhospeaksError } from '../errors.js';

const DEFAULT_PORT = 4222;
const DEPLOYMENT = /^[a-z0-9][a-z0-9_-]{0,31}$/;
const GROUP = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const querySchema = z.strictObject({
  creds: z.string().min(1).optional(),
  ca: z.string().min(1).optional(),
  cert: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  replicas: z.coerce
    .number()
    .pipe(z.union([z.literal(1), z.literal(3), z.literal(5)]))
    .default(1),
  group: z.string().regex(GROUP, 'expected lower-case letters, digits, - and _').default('default'),
});

/** Where a fleet is, and as whom. */
export interface FleetAddress {
  /** `host:port`. */
  readonly servers: readonly string[];
  /** What its buckets, streams and subjects begin with: two deployments on one NATS have two. */
  readonly deployment: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Contents of a `.creds` file. */
  readonly credentials?: Uint8Array | undefined;
  readonly isTls: boolean;
  /** PEM files. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Copies that NATS keeps of what it stores: 1, 3 or 5. */
  readonly replicas: number;
  /** The speakers' group, for the command line. */
  readonly group: string;
}

export function isFleetUrl(text: string): boolean {
  return /^(nats|tls):\/\//.test(text);
}

/**
 * `nats://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...][/DEPLOYMENT][?creds=FILE&ca=FILE&cert=FILE&key=FILE&replicas=N&group=NAME]`;
 * `tls://` insists on TLS.
 * @throws {WhospeaksError} `invalid-option`, or `file-unreadable` where a file that it names cannot be read
 */
export function parseFleetUrl(text: string): FleetAddress {
  // `URL` knows no list of hosts: they are taken out first.
  const match = /^(nats|tls):\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(text);
  if (match === null) throw refused('expected nats://HOST:PORT/DEPLOYMENT');
  const [, scheme, login = '', hosts = '', deployment = '', query = ''] = match;
  const name = deployment === '' ? 'whospeaks' : deployment;
  if (!DEPLOYMENT.test(name))
    throw refused(`the deployment "${shown(name)}" is not lower-case letters, digits, - and _, 32 at most`);
  const parsed = querySchema.safeParse(Object.fromEntries(new URLSearchParams(query)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw refused(
      issue.code === 'unrecognized_keys'
        ? `unknown parameter "${shown(issue.keys[0]!)}"`
        : `parameter "${issue.path.join('.')}": ${issue.message}`,
    );
  }
  const { creds, ca, cert, key, replicas, group } = parsed.data;
  if ((cert === undefined) !== (key === undefined)) throw refused('cert and key go together');
  const [user, ...password] = login.split(':');
  return {
    servers: hosts.split(',').map(withPort),
    deployment: name,
    ...(user === '' ? {} : { user: decoded(user!) }),
    ...(password.length === 0 ? {} : { password: decoded(password.join(':')) }),
    ...(creds === undefined ? {} : { credentials: read(creds) }),
    isTls: scheme === 'tls' || ca !== undefined || cert !== undefined,
    ...(ca === undefined ? {} : { ca: Buffer.from(read(ca)).toString() }),
    ...(cert === undefined ? {} : { cert: Buffer.from(read(cert)).toString() }),
    ...(key === undefined ? {} : { key: Buffer.from(read(key)).toString() }),
    replicas,
    group,
  };
}

/** A fleet's address for a log: without password and files. */
export function shownFleet({ servers, deployment }: FleetAddress): string {
  return `${servers.join(',')}/${deployment}`;
}

function withPort(host: string): string {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(host);
  if (match === null) throw refused(`"${shown(host)}" is no HOST:PORT`);
  return `${match[1]!}:${match[2] ?? String(DEFAULT_PORT)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw refused('user and password are to be percent-encoded', cause);
  }
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new WhospeaksError(
      'file-unreadable',
      `fleet: cannot read ${file}; check its name and permissions`,
      { cause },
    );
  }
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** It may hold a password: the URL itself is never told. */
function refused(why: string, cause?: unknown): WhospeaksError {
  return new WhospeaksError('invalid-option', `fleet URL: ${why}; docs/fleet.md has the form`, { cause });
}
