import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorAnswer } from './http-error.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** Answer an error on a socket that has no `ServerResponse`, and hang up. */
export function refuse(socket: Duplex, error: unknown): void {
  const { status, body, headers } = errorAnswer(error);
  const text = JSON.stringify(body);
  const lines = Object.entries({
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    ...SECURITY_HEADERS,
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  // Who was refused and stays must not keep a place: no time-out of the HTTP server looks after it any more.
  socket.once('finish', () => socket.destroy());
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', text].join('\r\n'));
}
