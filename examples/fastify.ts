/**
 * The service mounted in Fastify: its page, streams and speakers under /voices/, the app's own routes beside it.
 *
 *   npx tsx examples/fastify.ts
 */
import Fastify from 'fastify';
import { createService } from 'whospeaks/server';

const service = await createService({ basePath: '/voices', maxStreams: 8, logLevel: 'warn' });

const app = Fastify({ forceCloseConnections: true });
app.get('/', () => 'an app of its own\n');
await app.register(
  (voices, _options, done) => {
    // Bodies stay unread: the service reads recordings and JSON itself.
    voices.removeAllContentTypeParsers();
    voices.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    for (const url of ['/', '/*']) {
      voices.all(url, (request, reply) => {
        reply.hijack();
        service.onRequest(request.raw, reply.raw);
      });
    }
    done();
  },
  { prefix: '/voices' },
);
// WebSockets do not pass through Fastify.
app.server.on('upgrade', (request, socket, head) => {
  if (request.url?.startsWith('/voices/')) service.onUpgrade(request, socket, head);
  else socket.destroy();
});
console.log(`${await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 8080) })}/voices/`);

process.once('SIGTERM', () => {
  void service.drain().then(() => {
    service.close();
    return app.close();
  });
});
