import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { isWhospeaksError, WhospeaksError } from '../../errors.js';
import type { FleetState, NotReadyReply, ReadyReply, TicketReply } from '../../protocol/index.js';
import type { Gatekeeper } from '../access/gatekeeper.js';
import type { RefusalLog } from '../access/refusal-log.js';
import type { Profile } from '../../speakers/index.js';
import { faultOf } from '../fault.js';
import type { ServerMetrics } from '../metrics.js';
import { sendError, sendReply, type OpenRoute, type Route } from './exchange.js';
import { lacksSlash, requestUrl } from './request-url.js';
import { methodNotAllowed, notFound, withStatus } from './http-error.js';
import { openRoutes, tokenRoutes } from './operations.js';
import type { RecordingHandlers } from './recording-handlers.js';
import { Router, type Place } from './router.js';
import { SECURITY_HEADERS } from './security-headers.js';
import type { ComparisonHandlers } from './comparison-handlers.js';
import type { SpeakerHandlers } from './speaker-handlers.js';
import type { TelephonyHandlers } from '../telephony/telephony.js';
import type { StaticFiles } from './static-files.js';

export interface HttpAppParts {
  readonly gatekeeper: Gatekeeper;
  readonly metrics: ServerMetrics;
  readonly logger: Logger;
  readonly files: StaticFiles;
  readonly handlers: SpeakerHandlers & ComparisonHandlers & RecordingHandlers & TelephonyHandlers;
  /** Paths that take WebSockets alone. */
  readonly socketPaths: readonly string[];
  readonly refusals: RefusalLog;
  /** Path that everything lies below; empty for none. */
  readonly basePath: string;
  /** Descriptions by path, open to all. */
  readonly documents: Readonly<Record<string, unknown>>;
  /** Null where the server can take streams, else why it cannot. */
  readonly notReady: () => string | null;
  /** Speakers of all groups that another model enrolled. */
  readonly unusableSpeakers: () => readonly Profile[];
  /** Of a server of a fleet. */
  readonly fleetState?: (() => FleetState) | undefined;
  readonly nowMs: () => number;
}

/** Ids that a probe is told. */
const MAX_IDS = 100;

/** Everything that is answered over plain HTTP. */
export class HttpApp {
  readonly #parts: HttpAppParts;
  readonly #router: Router;
  #running = 0;

  constructor(parts: HttpAppParts) {
    this.#parts = parts;
    this.#router = new Router([...openTo(parts), ...withToken(parts)]);
  }

  /** Requests that are not answered yet. */
  get running(): number {
    return this.#running;
  }

  /** Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { logger, metrics, nowMs } = this.#parts;
    const startMs = nowMs();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const url = requestUrl(request, this.#parts.basePath);
    const place = url === null ? null : this.#router.find(url.pathname);
    // The route and not the path, which may name a speaker; never the query, never a header.
    const route = place?.pattern ?? null;
    response.once('close', () => {
      const method = knownMethod(request.method);
      const status = response.writableFinished ? String(response.statusCode) : 'aborted';
      metrics.requests.inc({ method, status });
      logger.debug({ method, route, status, ms: Math.round(nowMs() - startMs) }, 'request');
    });
    this.#running += 1;
    try {
      await this.#answer(url, place, request, response);
    } catch (error) {
      if (isWhospeaksError(error)) metrics.refusals.inc({ code: error.code });
      // Reading from a client that has hung up fails, and that is no fault.
      else if (hasHungUp(request)) return;
      this.#parts.refusals.tell(error, request.socket.remoteAddress);
      if (sendError(response, error)) logger.error({ err: faultOf(error), route }, 'a request failed');
    } finally {
      this.#running -= 1;
    }
  }

  async #answer(
    url: URL | null,
    place: Place | null,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { gatekeeper, nowMs, basePath } = this.#parts;
    const method = request.method ?? 'GET';
    if (place?.access !== 'probe') gatekeeper.checkOrigin(request.headers, place?.access === 'page');
    this.#allowOrigin(request, response, place);
    if (method === 'OPTIONS' && place !== null) {
      sendReply(response, { status: 204, headers: { allow: place.allow } });
      return;
    }
    const isOpen = place === null ? url?.pathname.startsWith('/v1/') !== true : place.access !== 'token';
    // Asked for before anything is said of what there is.
    const principal = isOpen ? null : gatekeeper.bearer(request.headers, nowMs());
    if (url === null || place === null) throw notFound();
    if (lacksSlash(request, basePath)) {
      sendReply(response, { status: 308, headers: { location: `${basePath}/` } });
      return;
    }
    const route = place.route(method);
    if (route === undefined) throw methodNotAllowed(place.allow);
    const exchange = { request, response, parts: place.parts, query: url.searchParams };
    const reply =
      'access' in route ? route.handle(exchange) : await route.handle({ ...exchange, principal: principal! });
    if (reply !== null) sendReply(response, reply);
  }

  /** Pages of other origins that were allowed by name. */
  #allowOrigin(request: IncomingMessage, response: ServerResponse, place: Place | null): void {
    const { origin } = request.headers;
    if (origin === undefined || !this.#parts.gatekeeper.allowedOrigins.includes(origin)) return;
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('vary', 'origin');
    response.setHeader('access-control-allow-methods', place?.allow ?? 'GET');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, if-none-match');
    response.setHeader('access-control-max-age', '600');
  }
}

function openTo({ documents, files, notReady, unusableSpeakers, fleetState }: HttpAppParts): OpenRoute[] {
  const page = (path: string, handle: OpenRoute['handle']): OpenRoute => ({
    method: 'GET',
    path,
    access: 'page',
    handle,
  });
  return [
    ...openRoutes({
      isAlive: () => ({ status: 200, body: { status: 'ok' } }),
      isReady: () => {
        const reason = notReady();
        // Whoever asks has no token: numbers and ids tell nobody's name.
        const unusable = unusableSpeakers();
        const speakers = {
          unusableSpeakers: unusable.length,
          unusableSpeakerIds: unusable.slice(0, MAX_IDS).flatMap(({ id }) => id ?? []),
          ...(fleetState === undefined ? {} : { fleet: fleetState() }),
        };
        const ready: ReadyReply = { status: 'ready', ...speakers };
        if (reason === null) return { status: 200, body: ready };
        const body: NotReadyReply = { status: 'not ready', reason, ...speakers };
        return { status: 503, body };
      },
    }),
    ...Object.entries(documents).map(([path, body]) => page(path, () => ({ status: 200, body }))),
    ...files.paths.map((path) =>
      page(path, ({ request, response }) => {
        files.serve(path, request, response);
        return null;
      }),
    ),
  ];
}

function withToken({ gatekeeper, metrics, nowMs, handlers, socketPaths }: HttpAppParts): Route[] {
  return [
    ...tokenRoutes({
      ...handlers,
      issueTicket: ({ principal }) => {
        const { tickets } = gatekeeper;
        const reply: TicketReply = {
          ticket: tickets.issue(principal, nowMs()),
          expiresInSeconds: tickets.lifetimeSeconds,
        };
        return { status: 201, body: reply };
      },
      readMetrics: async ({ principal, response }) => {
        const text = await metrics.text(principal.isOperator ? null : principal.group);
        response.setHeader('cache-control', 'no-store');
        response.setHeader('content-type', metrics.registry.contentType);
        response.end(text);
        return null;
      },
    }),
    ...socketPaths.map((path): Route => ({ method: 'GET', path, handle: onlySockets })),
  ];
}

/** A path for WebSockets, asked for without an upgrade. */
function onlySockets(): never {
  const error = new WhospeaksError(
    'protocol-message',
    'this path takes WebSockets alone; connect with "Upgrade: websocket"',
  );
  throw withStatus(426, error, { upgrade: 'websocket', connection: 'upgrade, close' });
}

function hasHungUp(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete;
}

function knownMethod(method: string | undefined): string {
  return ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'].includes(method ?? '')
    ? method!
    : 'other';
}
