import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { connect, speakers, type ConnectOptions, type SpeakerStream } from '../../src/client/index.js';
import { makeToken } from '../../src/server/index.js';
import { makeCertificate } from '../server/certificate.js';
import { started } from '../server/started.js';
import { CuttingProxy } from '../server/support.js';

function stream(url: string, options: Partial<ConnectOptions> = {}): SpeakerStream {
  const made = connect({ url, WebSocket, backoffMs: [1, 5], maxAttempts: 2, ...options });
  made.events$.subscribe({ error: () => undefined });
  onTestFinished(() => {
    made.close();
  });
  return made;
}

/** How it ends, with a token and without, and how a request for the speakers does: all say the same. */
async function troubleAt(url: string, options: Partial<ConnectOptions> = {}): Promise<string[]> {
  const told: string[] = [];
  const note = (error: unknown): void => {
    const { code, message } = error as { code: string; message: string };
    told.push(`${code}: ${message}`);
  };
  await lastValueFrom(stream(url, options).events$).catch(note);
  await lastValueFrom(stream(url, { token: 'wsp_wrong', ...options }).events$).catch(note);
  await speakers({ url }).list().catch(note);
  return told;
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function tlsFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-tls-'));
  const files = { tlsCert: join(folder, 'cert.pem'), tlsKey: join(folder, 'key.pem') };
  await makeCertificate(files.tlsCert, files.tlsKey);
  return files;
}

describe('a client that cannot connect says why', () => {
  it('nobody listens', async () => {
    const free = createTcpServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    for (const told of await troubleAt(`http://127.0.0.1:${port}`)) {
      expect(told).toBe(
        `server-unreachable: nobody listens at 127.0.0.1:${port} (ECONNREFUSED); is \`whospeaks serve\` running there, and is the address right?`,
      );
    }
    for (const told of await troubleAt('http://no-such-host.invalid'))
      expect(told).toMatch(/^server-unreachable: nobody listens at no-such-host\.invalid \(E/);
  });

  it('the path is wrong: of whospeaks, and of another server', async () => {
    const { url } = await started({ basePath: '/voices' });
    const elsewhere = await listening(
      createServer((_, response) => {
        response.writeHead(404).end('<h1>Not Found</h1>');
      }),
    );
    const page = await listening(createServer((_, response) => response.end('<h1>Welcome</h1>')));
    for (const [at, status] of [
      [url.replace('/voices', '/'), 404],
      [`${elsewhere}/x/`, 404],
      [`${page}/`, 200],
    ] as const) {
      for (const told of await troubleAt(at)) {
        expect(told).toBe(
          `server-not-found: there is no whospeaks service at ${at} (answered ${status}); check the path of the address`,
        );
      }
    }
  });

  it('TLS on one side alone, or by a certificate that is not trusted', async () => {
    const secure = await started(await tlsFiles());
    const plain = await started();
    for (const told of await troubleAt(secure.url.replace('https', 'http'))) {
      expect(told).toBe(
        `server-tls: 127.0.0.1:${secure.port} does not speak http; connect to ${secure.url}/`,
      );
    }
    for (const told of await troubleAt(plain.url.replace('http', 'https'))) {
      expect(told).toBe(`server-tls: 127.0.0.1:${plain.port} does not speak https; connect to ${plain.url}/`);
    }
    for (const told of await troubleAt(secure.url))
      expect(told).toMatch(
        /^server-tls: the certificate of .* is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
      );
  });

  it('the token is missing or wrong', async () => {
    const { record } = makeToken('a-1', 'team-a');
    const { url } = await started({ tokens: [record] });
    for (const told of await troubleAt(url))
      expect(told).toMatch(/^server-unauthorized: a valid token is needed/);
  });

  it('pages of that origin may not', async () => {
    const { url } = await started();
    const origin = 'https://app.example.com';
    /** As a browser does on such a page. */
    class PageSocket extends WebSocket {
      constructor(address: string, protocols: string[]) {
        super(address, protocols, { origin });
      }
    }
    const pageFetch: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('origin', origin);
      return fetch(input, { ...init, headers });
    };
    const options = { WebSocket: PageSocket, fetch: pageFetch };
    await expect(lastValueFrom(stream(url, options).events$)).rejects.toMatchObject({
      code: 'server-forbidden',
      message: expect.stringContaining('"allowedOrigins"') as string,
    });
  });

  it('the connection was lost later, and could not be had again', async () => {
    const { port } = await started();
    const proxy = await CuttingProxy.start(port, () => Infinity);
    const live = stream(`http://127.0.0.1:${proxy.port}`);
    await new Promise<void>((resolve) => {
      live.status$.subscribe(({ state }) => {
        if (state === 'open') resolve();
      });
    });
    const reasons: string[] = [];
    live.status$.subscribe((status) => {
      if (status.state === 'waiting') reasons.push((status.reason as Error & { code: string }).code);
    });
    const ended = lastValueFrom(live.events$);
    await proxy.close();
    await expect(ended).rejects.toMatchObject({
      code: 'server-lost',
      message: expect.stringMatching(/^the connection was lost: /) as string,
    });
    expect(reasons).toEqual(['server-lost']);
  });
});
