import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../access/principal.js';
import { errorAnswer, notFound } from './http-error.js';

/** One request and what a route may know of it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly principal: Principal;
  /** Parts of the path that the route left open, decoded. */
  readonly parts: readonly string[];
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; left out with 204. */
  readonly body?: unknown;
}

export type Handler = (exchange: Exchange) => Promise<Reply> | Reply;

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** `:` stands for any one part: `/v1/speakers/:`. */
  readonly path: string;
  readonly handle: Handler;
}

/** The route for a request, and the open parts of its path. @throws {WhospeaksError} `server-not-found` */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly handle: Handler; readonly parts: string[] } {
  for (const route of routes) {
    if (route.method !== method) continue;
    const parts = match(route.path, path);
    if (parts !== null) return { handle: route.handle, parts };
  }
  throw notFound();
}

/** A path as logs tell it, without the parts that a route leaves open: a speaker's name is nobody else's business. */
export function loggedPath(routes: readonly Route[], path: string): string {
  const route = routes.find((each) => match(each.path, path) !== null);
  return route?.path ?? (path.startsWith('/v1/') ? '/v1/*' : path);
}

export function sendJson(response: ServerResponse, { status, body }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  response.setHeader('cache-control', 'no-store');
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(body));
}

/** Answer an error; returns it where it is a fault of ours. */
export function sendError(response: ServerResponse, error: unknown): boolean {
  const { status, body, isFault } = errorAnswer(error);
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  if (status === 429 || status === 503) response.setHeader('retry-after', '1');
  // What was not read of the request is not worth reading.
  if (status === 413 || status === 401) response.setHeader('connection', 'close');
  sendJson(response, { status, body });
  return isFault;
}

function match(pattern: string, path: string): string[] | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const open: string[] = [];
  for (const [i, part] of wanted.entries()) {
    if (part !== ':') {
      if (part !== given[i]) return null;
      continue;
    }
    const text = decode(given[i]!);
    if (text === null) return null;
    open.push(text);
  }
  return open;
}

function decode(part: string): string | null {
  try {
    return part === '' ? null : decodeURIComponent(part);
  } catch {
    return null;
  }
}
