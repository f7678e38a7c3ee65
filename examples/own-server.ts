/**
 * The service inside a web server of one's own: its streams and speakers under /voices/, everything else as before.
 *
 *   npx tsx examples/own-server.ts
 *   npx tsx examples/bot.ts http://127.0.0.1:8080/voices/ examples/audio/meeting.wav
 */
import { createServer, type IncomingMessage } from 'node:http';
import { createService } from 'whospeaks/server';

const MOUNT = '/voices';
const service = await createService({ maxStreams: 8, logLevel: 'warn' });

/** Whether a request is the service's; it is told the path below the mount. */
function isMounted(request: IncomingMessage): boolean {
  if (request.url?.startsWith(`${MOUNT}/`) !== true) return false;
  request.url = request.url.slice(MOUNT.length);
  return true;
}

const server = createServer((request, response) => {
  if (isMounted(request)) service.onRequest(request, response);
  else response.end('a web site of its own\n');
});
server.on('upgrade', (request, socket, head) => {
  if (isMounted(request)) service.onUpgrade(request, socket, head);
  else socket.destroy();
});
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}${MOUNT}/`);
});

process.once('SIGTERM', () => {
  void service.drain().then(() => {
    service.close();
    server.close();
    server.closeAllConnections();
  });
});
