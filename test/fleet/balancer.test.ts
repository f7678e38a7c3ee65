import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../../src/client/index.js';
import { ROOT } from '../helpers.js';
import { startServer } from '../server/support.js';
import { freePort, NatsServer } from './nats-server.js';

it('examples/fleet/nginx.conf leads past a full server, and past one that is gone', async () => {
  const nats = await NatsServer.start();
  const fleet = `${nats.url}/balanced`;
  const servers = [await startServer({ fleet, maxStreams: 1 }), await startServer({ fleet, maxStreams: 1 })];
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-nginx-'));
  const config = readFileSync(join(ROOT, 'examples/fleet/nginx.conf'), 'utf8')
    .replaceAll('7981', String(servers[0]!.port))
    .replaceAll('7982', String(servers[1]!.port))
    .replaceAll('7980', String(port))
    .replace('worker_processes 1;', `worker_processes 1; daemon off; pid ${folder}/pid;`);
  writeFileSync(join(folder, 'nginx.conf'), config);
  const nginx = spawn(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    { stdio: 'inherit' },
  );
  const over = once(nginx, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await expect
    .poll(() =>
      fetch(`${url}/healthz`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
  const stream = (maxAttempts = 10): ReturnType<typeof connect> =>
    connect({ url, WebSocket, maxAttempts, backoffMs: [50, 200] });
  const opened = (client: ReturnType<typeof connect>): Promise<unknown> =>
    firstValueFrom(client.status$.pipe(filter(({ state }) => state === 'open')));
  const clients = [stream(), stream()];
  await Promise.all(clients.map(opened));
  expect(servers.map(({ sessions }) => sessions.running)).toEqual([1, 1]);
  const refused = new WebSocket(`${url.replace('http', 'ws')}/v1/stream`, 'whospeaks.v1');
  const [, answer] = (await once(refused, 'unexpected-response')) as [
    unknown,
    { statusCode: number; destroy(): void },
  ];
  expect(answer.statusCode).toBe(503);
  answer.destroy();
  for (const client of clients) client.close();
  await servers[0]!.close();
  const third = stream();
  await opened(third);
  third.close();
  nginx.kill('SIGTERM');
  await over;
  await servers[1]!.close();
  await nats.stop();
  rmSync(folder, { recursive: true });
});
