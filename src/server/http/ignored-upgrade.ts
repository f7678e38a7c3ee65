import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';

/** Headers that ask for another protocol, and nothing else. */
const OF_UPGRADE = new Set(['upgrade', 'http2-settings', 'connection']);
/** How long one such request may take, ms: the server that it came to does not look after it any more. */
const MAX_MS = 120_000;

/** Whether a request for an upgrade asks for a WebSocket. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').split(',').some((name) => name.trim().toLowerCase() === 'websocket');
}

/**
 * Requests that offer an upgrade which we do not speak (`h2c`, as Java's client does) are ordinary requests: RFC 9110,
 * 7.8. Node hands them over unparsed as soon as there is a listener for upgrades; here they are put back together
 * without the offer, and parsed again.
 */
export class IgnoredUpgrades {
  readonly #server;
  readonly #sockets = new Set<Duplex>();

  constructor(onRequest: RequestListener) {
    // It never listens: the sockets come from elsewhere.
    this.#server = createServer(onRequest);
  }

  answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket);
    const tooLong = setTimeout(() => socket.destroy(), MAX_MS);
    socket.once('close', () => {
      clearTimeout(tooLong);
      this.#sockets.delete(socket);
    });
    if (head.length > 0) socket.unshift(head);
    socket.unshift(Buffer.from(withoutUpgrade(request), 'latin1'));
    this.#server.emit('connection', socket);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** The head of the request, for one answer: what comes after it on this socket belongs to the server that it came to. */
function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!OF_UPGRADE.has(rawHeaders[i]!.toLowerCase())) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  return [...lines, 'Connection: close', '', ''].join('\r\n');
}
