import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { asksForWebSocket } from './ignored-upgrade.js';

/**
 * At most `most` sockets: at the bound the one that has been open longest and is no stream makes room for a new one, so
 * that connections which say nothing cannot shut everybody else out. Where all are streams, the new one is hung up.
 */
export function limitConnections(server: Server, most: number): void {
  const open = new Set<Socket>();
  // By their other end: over TLS, requests come on another object than the socket.
  const plain = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const key = endOf(socket);
    open.add(socket);
    plain.set(key, socket);
    socket.once('close', () => {
      open.delete(socket);
      if (plain.get(key) === socket) plain.delete(key);
    });
    if (open.size <= most) return;
    const [[oldestKey, oldest] = [key, socket]] = plain;
    open.delete(oldest);
    plain.delete(oldestKey);
    oldest.destroy();
  });
  server.on('upgrade', (request: IncomingMessage) => {
    if (asksForWebSocket(request)) plain.delete(endOf(request.socket));
  });
}

function endOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
