import { WhospeaksError } from '../errors.js';

const MAX_REDIRECTS = 8;

export interface HubRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` alone, whatever it redirects to. */
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
}

export interface HubResponse {
  readonly response: Response;
  /** sha256 that the hub itself states for the file, where it does. */
  readonly statedSha256?: string | undefined;
}

/** A URL for messages: without the signature that a redirect to a content network carries. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * GET, following redirects by hand: so that the token stays with the host it was meant for, and the
 * hash that the hub states before it redirects is not lost.
 */
export async function hubGet({ url, headers, token, signal }: HubRequest): Promise<HubResponse> {
  let at = url;
  let statedSha256: string | undefined;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const authorization = token && mayCarryToken(at, url) ? { authorization: `Bearer ${token}` } : undefined;
    const response = await fetch(at, {
      // A compressed body would make the byte counts of Range and Content-Length useless.
      headers: { 'accept-encoding': 'identity', 'user-agent': 'whospeaks', ...headers, ...authorization },
      redirect: 'manual',
      signal,
    });
    if (at.origin === url.origin) statedSha256 ??= sha256Of(response.headers.get('x-linked-etag'));
    const location =
      response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return { response, statedSha256 };
    await response.body?.cancel();
    at = nextUrl(location, at);
  }
  throw new WhospeaksError('model-download', `${shownUrl(url)}: more than ${MAX_REDIRECTS} redirects`);
}

function nextUrl(location: string, from: URL): URL {
  const next = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (!next || !/^https?:$/.test(next.protocol)) {
    throw new WhospeaksError('model-download', `${shownUrl(from)}: redirects to what is no web address`);
  }
  if (from.protocol === 'https:' && next.protocol !== 'https:') {
    throw new WhospeaksError('model-download', `${shownUrl(from)}: redirects from https to http; refused`);
  }
  return next;
}

function mayCarryToken(to: URL, endpoint: URL): boolean {
  const local = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(to.hostname);
  return to.origin === endpoint.origin && (to.protocol === 'https:' || local);
}

function sha256Of(etag: string | null): string | undefined {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(etag ?? '')?.[1];
}
