import { ERROR_CODES, WhospeaksError, type ErrorCode } from '../errors.js';
import type { ErrorReply } from '../protocol/index.js';
import type { Token } from './options.js';

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
 * @throws RequestError with the server's code and words, or `server-failed` where no answer came
 */
export async function request(service: Service, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = typeof service.token === 'function' ? await service.token() : service.token;
  if (token !== undefined && token !== '') headers.set('authorization', `Bearer ${token}`);
  let response: Response;
  try {
    response = await service.fetch(new URL(path, service.url), { ...init, headers });
  } catch (cause) {
    const message = `no answer from ${service.url.host}; check the address and the network`;
    throw new RequestError('server-failed', message, 0, undefined, { cause });
  }
  if (response.ok) return response;
  const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
  const told = await response
    .json()
    .then((body: Partial<ErrorReply>) => body.error)
    .catch(() => undefined);
  throw new RequestError(
    toErrorCode(told?.code),
    told?.message ?? `the server answered ${response.status}; see its log`,
    response.status,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}

/** A code that this version knows; a newer server may have others. */
export function toErrorCode(code: unknown): ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(code) ? (code as ErrorCode) : 'server-failed';
}
