import { WhospeaksError } from '../../errors.js';

/** Whether an address is this machine alone. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

export interface OriginPolicy {
  /** Origins beside the server's own whose pages may talk to it: `https://app.example.com`. */
  readonly allowedOrigins: readonly string[];
  /**
   * Without tokens, anybody who reaches the server is let in; then only names of this machine may be used for it, so
   * that no page reaches it through a name of its own (DNS rebinding).
   */
  readonly onlyLoopbackNames: boolean;
}

/**
 * Where a request may come from. Programs send no `Origin` and are let through; a browser's page must be the
 * server's own or one of those allowed.
 * @throws {WhospeaksError} `server-forbidden`
 */
export function assertOrigin(
  policy: OriginPolicy,
  headers: { host?: string | undefined; origin?: string | undefined },
): void {
  const { host = '', origin } = headers;
  if (policy.onlyLoopbackNames && !isLoopback(hostName(host))) {
    throw new WhospeaksError(
      'server-forbidden',
      'this server answers to localhost only, until it has tokens',
    );
  }
  if (origin === undefined || policy.allowedOrigins.includes(origin)) return;
  if (sameHost(origin, host)) return;
  throw new WhospeaksError(
    'server-forbidden',
    `pages of ${origin.slice(0, 100)} may not use this server; its operator can allow them with "allowedOrigins"`,
  );
}

function sameHost(origin: string, host: string): boolean {
  try {
    return host !== '' && new URL(origin).host === host.toLowerCase();
  } catch {
    return false;
  }
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '');
}
