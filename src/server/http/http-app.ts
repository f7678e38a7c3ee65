import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isWhospeaksError } from '../../errors.js';
import type { TicketReply } from '../../protocol/index.js';
import type { Gatekeeper } from '../access/gatekeeper.js';
import type { ServerMetrics } from '../metrics.js';
import { findRoute, loggedPath, sendError, sendJson, type Route } from './exchange.js';
import { notFound } from './http-error.js';
import type { StaticFiles } from './static-files.js';

export interface HttpAppParts {
  readonly gatekeeper: Gatekeeper;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  readonly files: StaticFiles;
  readonly routes: readonly Route[];
  readonly allowedOrigins: readonly string[];
  /** Descriptions by path, open to all. */
  readonly documents: Readonly<Record<string, unknown>>;
  /** Null where the server can take streams, else why it cannot. */
  readonly notReady: () => string | null;
  readonly nowMs: () => number;
}

const METHODS = 'GET, PUT, POST, PATCH, DELETE';

/** Everything that is answered over plain HTTP. */
export class HttpApp {
  readonly #parts: HttpAppParts;
  readonly #routes: readonly Route[];
  #running = 0;

  constructor(parts: HttpAppParts) {
    this.#parts = parts;
    const ticket: Route = {
      method: 'POST',
      path: '/v1/tickets',
      handle: ({ principal }) => {
        const { tickets } = parts.gatekeeper;
        const reply: TicketReply = {
          ticket: tickets.issue(principal, parts.nowMs()),
          expiresInSeconds: tickets.lifetimeSeconds,
        };
        return { status: 201, body: reply };
      },
    };
    this.#routes = [ticket, ...parts.routes];
  }

  /** Requests that are not answered yet. */
  get running(): number {
    return this.#running;
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { logger, metrics, nowMs } = this.#parts;
    const startMs = nowMs();
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    const url = requestUrl(request);
    const path = loggedPath(this.#routes, url.pathname);
    response.once('close', () => {
      metrics.requests.inc({ method: knownMethod(request.method), status: String(response.statusCode) });
      // Never a query or a header.
      logger.debug(
        {
          method: request.method,
          path,
          status: response.statusCode,
          ms: Math.round(nowMs() - startMs),
        },
        'request',
      );
    });
    this.#running += 1;
    try {
      await this.#answer(url, request, response);
    } catch (error) {
      if (isWhospeaksError(error)) metrics.refusals.inc({ code: error.code });
      if (sendError(response, error)) logger.error({ err: error, path }, 'a request failed');
    } finally {
      this.#running -= 1;
    }
  }

  async #answer(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { gatekeeper, documents, files, nowMs, notReady, metrics } = this.#parts;
    const path = url.pathname;
    const method = request.method ?? 'GET';
    const isRead = method === 'GET' || method === 'HEAD';
    if (isRead && path === '/healthz') {
      sendJson(response, { status: 200, body: { status: 'ok' } });
      return;
    }
    if (isRead && path === '/readyz') {
      const reason = notReady();
      sendJson(response, {
        status: reason === null ? 200 : 503,
        body: reason === null ? { status: 'ready' } : { status: 'not ready', reason },
      });
      return;
    }
    gatekeeper.checkOrigin(request.headers);
    this.#allowOrigin(request, response);
    if (method === 'OPTIONS') {
      sendJson(response, { status: 204 });
      return;
    }
    if (isRead && path in documents) {
      sendJson(response, { status: 200, body: documents[path] });
      return;
    }
    if (isRead && files.serve(path, request, response)) return;
    const isApi = path === '/metrics' || path.startsWith('/v1/');
    if (!isApi) throw notFound();
    const principal = gatekeeper.bearer(request.headers, nowMs());
    if (path === '/metrics' && isRead) {
      response.setHeader('content-type', metrics.registry.contentType);
      response.end(await metrics.text(principal.isOperator ? null : principal.group));
      return;
    }
    const { handle, parts } = findRoute(this.#routes, method, path);
    sendJson(response, await handle({ request, response, principal, parts, query: url.searchParams }));
  }

  /** Pages of other origins that were allowed by name. */
  #allowOrigin(request: IncomingMessage, response: ServerResponse): void {
    const { origin } = request.headers;
    if (origin === undefined || !this.#parts.allowedOrigins.includes(origin)) return;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('vary', 'origin');
    response.setHeader('access-control-allow-methods', METHODS);
    response.setHeader('access-control-allow-headers', 'authorization, content-type, if-none-match');
    response.setHeader('access-control-max-age', '600');
  }
}

/** A request's path and query; whatever is no URL is the path that leads nowhere. */
export function requestUrl(request: IncomingMessage): URL {
  const text = request.url ?? '';
  return URL.canParse(text, 'http://server') ? new URL(text, 'http://server') : new URL('http://server/400');
}

function knownMethod(method: string | undefined): string {
  return ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'].includes(method ?? '')
    ? method!
    : 'other';
}
