/**
 * The service inside a web server of one's own: its streams and speakers under /voices/, everything else as before.
 *
 *   npx tsx examples/own-server.ts
 *   npx tsx examples/bot.ts http://127.0.0.1:8080/voices/ examples/audio/meeting.wav
 */
import { createServer } from 'node:http';
import { createService } from 'whospeaks/server';

const service = await createService({ basePath: '/voices', maxStreams: 8, logLevel: 'warn' });
const isMounted = (url = ''): boolean => /^\/voices([/?]|$)/.test(url);

const server = createServer((request, response) => {
  if (isMounted(request.url)) service.onRequest(request, response);
  else response.end('a web site of its own\n');
});
server.on('upgrade', (request, socket, head) => {
  if (isMounted(request.url)) service.onUpgrade(request, socket, head);
  else socket.destroy();
});
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}/voices/`);
});

process.once('SIGTERM', () => {
  void service.drain().then(() => {
    service.close();
    server.close();
    server.closeAllConnections();
  });
});
