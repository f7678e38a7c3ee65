import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../access/principal.js';
import { errorAnswer } from './http-error.js';

/** One request, and what a route that is open to all may know of it. */
export interface OpenExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** Parts of the path that the route left open, decoded. */
  readonly parts: readonly string[];
}

export interface Exchange extends OpenExchange {
  readonly principal: Principal;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON; left out with 204. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Null where the handler has answered itself. */
export type Answer = Reply | null;

export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** `:` stands for any one part: `/v1/speakers/:`. */
  readonly path: string;
  readonly handle: (exchange: Exchange) => Promise<Answer> | Answer;
}

/** A route without a token. */
export interface OpenRoute {
  readonly method: 'GET';
  readonly path: string;
  /** `probe`: from wherever it comes. `page`: for the server's own origin, and links of others lead there. */
  readonly access: 'probe' | 'page';
  readonly handle: (exchange: OpenExchange) => Answer;
}

export function sendReply(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === undefined) {
    response.end();
    return;
  }
  const text = JSON.stringify(body);
  response.setHeader('content-type', 'application/json; charset=utf-8');
  // Said, for `HEAD` has it too.
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

/** Answer an error; returns whether it is a fault of ours. */
export function sendError(response: ServerResponse, error: unknown): boolean {
  const { isFault, ...reply } = errorAnswer(error);
  // The rest of a body that was given up in the middle would stand before the connection's next request.
  const { req: request } = response;
  if (request.readableDidRead && !request.complete && reply.headers['connection'] !== 'close') {
    request.resume();
  }
  sendReply(response, reply);
  return isFault;
}
