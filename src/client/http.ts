import { ERROR_CODES, WhospeaksError, type ErrorCode } from '../errors.js';
import type { ErrorReply } from '../protocol/index.js';
import type { Token } from './options.js';
import { notThere, whyUnreachable } from './unreachable.js';

/** What failed, and whether it makes sense to try again. */
export class RequestError extends WhospeaksError {
  constructor(
    code: ErrorCode,
    message: string,
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    readonly retryAfterSeconds: number | undefined,
    options?: { cause?: unknown },
  ) {
    super(code, message, options);
  }

  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface Service {
  readonly url: URL;
  readonly token: Token | undefined;
  readonly fetch: typeof fetch;
}

/**
 * One request to the service, with the token in a header.
 *
 * @param isOurs whether an answer is of the kind that the service gives here
 * @throws RequestError with the server's code and words; `server-not-found` where something else answers;
 *   `server-unreachable` or `server-tls` where nothing does
 */
export async function request(
  service: Service,
  path: string,
  init: RequestInit = {},
  isOurs = isJson,
): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = typeof service.token === 'function' ? await service.token() : service.token;
  if (token !== undefined && token !== '') headers.set('authorization', `Bearer ${token}`);
  let response: Response;
  try {
    response = await service.fetch(new URL(path, service.url), { ...init, headers });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    const { code, message } = await whyUnreachable(service.url, cause, service.fetch);
    throw new RequestError(code, message, 0, undefined, { cause });
  }
  const told = response.ok ? undefined : await errorOf(response);
  if (response.ok && (isOurs(response) || response.status === 204)) return response;
  // Something else is there, or whospeaks below another path.
  const isElsewhere = response.ok || response.status === 404 || response.status === 405;
  if ((told === undefined && isElsewhere) || told?.code === 'server-not-found') {
    const { code, message } = notThere(service.url, response.status);
    throw new RequestError(code, message, response.status, undefined);
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
  throw new RequestError(
    toErrorCode(told?.code),
    told?.message ?? `the server answered ${response.status}; see its log`,
    response.status,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}

async function errorOf(response: Response): Promise<Partial<ErrorReply['error']> | undefined> {
  try {
    return ((await response.json()) as Partial<ErrorReply> | null)?.error;
  } catch {
    return undefined;
  }
}

function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('json') === true;
}

/** A code that this version knows; a newer server may have others. */
export function toErrorCode(code: unknown): ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(code) ? (code as ErrorCode) : 'server-failed';
}
