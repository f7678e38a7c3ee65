import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Hub {
  readonly endpoint: string;
  /** Requests that came, as `METHOD path range`. */
  readonly requests: { url: string; range?: string | undefined; authorization?: string | undefined }[];
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server on loopback that answers each request by the next handler; the last one answers all further ones. */
export async function startHub(...handlers: Handler[]): Promise<Hub> {
  const requests: Hub['requests'] = [];
  const server = createServer((request, response) => {
    const { range, authorization } = request.headers;
    const handler = handlers[Math.min(requests.length, handlers.length - 1)]!;
    requests.push({ url: request.url!, range, authorization });
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** The whole body, or the range that was asked for if the ETag is still the same. */
export function serve(body: Uint8Array, etag = '"v1"', headers: Record<string, string> = {}): Handler {
  return (request, response) => {
    const match = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const start = match && request.headers['if-range'] === etag ? Number(match[1]) : 0;
    if (start >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
      return;
    }
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': body.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }),
      ...headers,
    });
    response.end(body.subarray(start));
  };
}

/** The first bytes of the body, then a cut connection. */
export function cutAfter(bytes: number, body: Uint8Array, etag = '"v1"'): Handler {
  return (_, response) => {
    response.writeHead(200, { etag, 'content-length': body.length });
    response.write(body.subarray(0, bytes), () => {
      // The bytes have left; what follows is a reset in the middle of the body. A reset discards what the client
      // has not read yet, and it opens its file first, which takes a while on a busy machine.
      setTimeout(() => response.destroy(), 500);
    });
  };
}

/** The first bytes of the body, then nothing, with the connection open. */
export function stallAfter(bytes: number, body: Uint8Array, etag = '"v1"'): Handler {
  return (_, response) => {
    response.writeHead(200, { etag, 'content-length': body.length });
    response.write(body.subarray(0, bytes));
  };
}

export function status(code: number, headers: Record<string, string> = {}): Handler {
  return (_, response) => {
    response.writeHead(code, headers).end('no');
  };
}
