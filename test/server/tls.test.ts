import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningServer } from '../../src/server/index.js';
import { makeCertificate } from './certificate.js';
import { hello, startServer } from './support.js';

describe('TLS by certificate files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'whospeaks-tls-'));
  const files = { tlsCert: join(folder, 'cert.pem'), tlsKey: join(folder, 'key.pem') };
  let server: RunningServer;
  beforeAll(async () => {
    await makeCertificate(files.tlsCert, files.tlsKey);
    server = await startServer(files);
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('https and wss, to who trusts the certificate and to nobody else', async () => {
    expect(server.url).toBe(`https://127.0.0.1:${server.port}`);
    const ca = readFileSync(files.tlsCert);
    const [response] = (await once(get(`${server.url}/healthz`, { ca }), 'response')) as [
      { statusCode: number; resume(): void },
    ];
    expect(response.statusCode).toBe(200);
    response.resume();

    const socket = new WebSocket(`wss://127.0.0.1:${server.port}/v1/stream`, ['whospeaks.v1'], { ca });
    await once(socket, 'open');
    socket.send(JSON.stringify(hello));
    const [welcome] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(welcome.toString())).toMatchObject({ type: 'welcome' });
    socket.close(1000);
    await once(socket, 'close');

    const distrustful = new WebSocket(`wss://127.0.0.1:${server.port}/v1/stream`, ['whospeaks.v1']);
    const [error] = (await once(distrustful, 'error')) as [{ code: string }];
    expect(error.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    // And in plain text there is nothing to be had.
    const plain = connectTcp(server.port, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    let heard = '';
    plain.on('data', (bytes) => (heard += bytes.toString('latin1')));
    await once(plain, 'close');
    expect(heard).not.toContain('HTTP/1.1 200');
  });

  it('a new certificate is taken over without a restart; one that is none changes nothing', async () => {
    const print = async (): Promise<string> => {
      const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const before = await print();
    writeFileSync(files.tlsCert, 'nonsense');
    await expect(server.reload(files)).rejects.toMatchObject({ code: 'server-config' });
    expect(await print()).toBe(before);
    await makeCertificate(files.tlsCert, files.tlsKey);
    await server.reload(files);
    expect(await print()).toBe(new X509Certificate(readFileSync(files.tlsCert)).fingerprint256);
    expect(await print()).not.toBe(before);
  });

  it('files that are no certificate, or not this key’s, end the start with one line', async () => {
    const nonsense = join(folder, 'nonsense.pem');
    writeFileSync(nonsense, 'nonsense');
    for (const bad of [
      { ...files, tlsCert: nonsense },
      { ...files, tlsKey: nonsense },
      { ...files, tlsKey: join(folder, 'none.pem') },
    ])
      await expect(startServer(bad)).rejects.toMatchObject({ code: 'server-config' });
  });
});
