import { AccessRefusal } from './refusal.js';

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

/** The headers that say where a request comes from; a browser sets them, and no page can. */
export interface OriginHeaders {
  readonly host?: string | undefined;
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly 'sec-fetch-mode'?: string | string[] | undefined;
  readonly 'sec-fetch-dest'?: string | string[] | undefined;
}

/**
 * Where a request may come from. Programs send no `Origin` and are let through; a browser's page must be the
 * server's own or one of those allowed. That goes for what a page embeds too, which comes without `Origin`: whether it
 * loads would tell the page what is there.
 * @param isPage whether a link of another site may lead there
 * @throws {WhospeaksError} `server-forbidden`
 */
export function assertOrigin(policy: OriginPolicy, headers: OriginHeaders, isPage = false): void {
  const { host = '', origin } = headers;
  if (policy.onlyLoopbackNames && !isLoopback(hostName(host))) {
    throw new AccessRefusal(
      'server-forbidden',
      'this server answers to localhost only, until it has tokens',
      { reason: 'it came by a name that is not localhost, and there are no tokens' },
    );
  }
  if (origin !== undefined && policy.allowedOrigins.includes(origin)) return;
  const isForeign =
    origin === undefined ? isOfOtherSite(headers) && !(isPage && isLink(headers)) : !sameHost(origin, host);
  if (!isForeign) return;
  const shown = origin?.slice(0, 100);
  throw new AccessRefusal(
    'server-forbidden',
    `pages of ${shown ?? 'another site'} may not use this server; its operator can allow them with "allowedOrigins"`,
    { reason: 'the page is of an origin that is not in allowedOrigins', ...(shown && { origin: shown }) },
  );
}

function isOfOtherSite({ 'sec-fetch-site': site }: OriginHeaders): boolean {
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** A page of its own in the browser, not a part of another. */
function isLink({ 'sec-fetch-mode': mode, 'sec-fetch-dest': dest }: OriginHeaders): boolean {
  return mode === 'navigate' && dest === 'document';
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
