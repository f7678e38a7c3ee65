/**
 * The service mounted in Express: its page, streams and speakers under /voices/, the app's own routes beside it.
 *
 *   npx tsx examples/express.ts
 */
import express from 'express';
import { createService } from 'whospeaks/server';

const service = await createService({ basePath: '/voices', maxStreams: 8, logLevel: 'warn' });

const app = express();
// Before any body parser: the service reads recordings and JSON itself.
app.use('/voices', service.onRequest);
app.use(express.json());
app.get('/', (_request, response) => {
  response.send('an app of its own\n');
});

const server = app.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}/voices/`);
});
// WebSockets do not pass through Express.
server.on('upgrade', (request, socket, head) => {
  if (request.url?.startsWith('/voices/')) service.onUpgrade(request, socket, head);
  else socket.destroy();
});

process.once('SIGTERM', () => {
  void service.drain().then(() => {
    service.close();
    server.close();
    server.closeAllConnections();
  });
});
