import type { ErrorCode } from '../errors.js';

/** Why no answer came, and what to do. */
export interface Unreachable {
  readonly code: ErrorCode;
  readonly message: string;
}

/** A server that is there says something sooner. */
const PROBE_MS = 3000;

/**
 * Why a request got no answer at all. Node says in the error what a browser keeps to itself: there, whether the other scheme
 * gets an answer tells a server that speaks it from none.
 */
export async function whyUnreachable(url: URL, cause: unknown, ask: typeof fetch): Promise<Unreachable> {
  const why = systemCode(cause);
  if (isOfCertificate(why)) {
    return {
      code: 'server-tls',
      message: `the certificate of ${url.host} is not trusted (${why}); trust its issuer, or give the server another one`,
    };
  }
  if (isMixed(url)) {
    return {
      code: 'server-tls',
      message: `a page that came by https may not use ${url.origin}; serve whospeaks by https too`,
    };
  }
  if (await speaksOther(url, ask)) {
    const other = otherScheme(url);
    return {
      code: 'server-tls',
      message: `${url.host} does not speak ${url.protocol.slice(0, -1)}; connect to ${other.origin}${url.pathname}`,
    };
  }
  const detail = why === '' ? '' : ` (${why})`;
  return {
    code: 'server-unreachable',
    message: `nobody listens at ${url.host}${detail}; is \`whospeaks serve\` running there, and is the address right?`,
  };
}

/** What is there at that address is no whospeaks service. */
export function notThere(url: URL, status: number): Unreachable {
  return {
    code: 'server-not-found',
    message: `there is no whospeaks service at ${url.href} (answered ${status}); check the path of the address`,
  };
}

/** The code of the system's error that lies behind, as Node tells it; empty where nothing is told. */
function systemCode(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    // Of several addresses that were tried.
    if (at instanceof AggregateError && at.errors[0] instanceof Error) at.cause ??= at.errors[0];
  }
  return '';
}

function isOfCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|ALTNAME|ISSUER/.test(code);
}

/** A browser refuses it before it is sent. */
function isMixed(url: URL): boolean {
  const { location } = globalThis as { location?: { protocol: string } };
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  return location?.protocol === 'https:' && url.protocol === 'http:' && !isLocal;
}

async function speaksOther(url: URL, ask: typeof fetch): Promise<boolean> {
  try {
    // Whatever it answers, it speaks; a page of another origin may not read it.
    await ask(otherScheme(url), { mode: 'no-cors', signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch (error) {
    return isOfCertificate(systemCode(error));
  }
}

function otherScheme(url: URL): URL {
  // The setter of `protocol` leaves out a port that is the other scheme's default.
  const scheme = url.protocol === 'https:' ? 'http:' : 'https:';
  const port = url.port === '' ? '' : `:${url.port}`;
  return new URL(`${scheme}//${url.hostname}${port}/healthz`);
}
