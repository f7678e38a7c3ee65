import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, runProgram } from '../helpers.js';
import { makeCertificate } from './certificate.js';
import { started } from './started.js';

const dockerfile = readFileSync(`${ROOT}Dockerfile`, 'utf8');
const compose = readFileSync(`${ROOT}compose.yaml`, 'utf8');
const ENV = Object.fromEntries(
  [...dockerfile.matchAll(/WHOSPEAKS_\w+=\S+/g)].map(([setting]) => setting.split('=') as [string, string]),
);

describe('the container', () => {
  it('its health check asks by the scheme, port and path that the environment sets', async () => {
    const [, command] = /HEALTHCHECK[^[]*CMD (\[.*\])/.exec(dockerfile)!;
    const [program, ...args] = JSON.parse(command!) as [string, ...string[]];
    const folder = mkdtempSync(join(tmpdir(), 'whospeaks-tls-'));
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await makeCertificate(tlsCert, tlsKey);
    const server = await started({ tlsCert, tlsKey, basePath: '/voices' });
    const env = {
      ...ENV,
      WHOSPEAKS_SERVE_PORT: String(server.port),
      WHOSPEAKS_SERVE_BASE_PATH: '/voices',
      WHOSPEAKS_SERVE_TLS_CERT: tlsCert,
      WHOSPEAKS_SERVE_TLS_KEY: tlsKey,
    };
    const well = await runProgram(program, args, { env });
    expect([well.code, well.stderr]).toEqual([0, '']);
    await server.close();
    expect((await runProgram(program, args, { env })).code).not.toBe(0);
  });

  it('runs on an LTS line of Node, and is bounded in memory, processors and processes', () => {
    const versions = [...dockerfile.matchAll(/^FROM node:(\d+)\./gm)].map(([, major]) => Number(major));
    expect(versions).toHaveLength(2);
    // Even lines get long-term support.
    for (const major of versions) expect([major >= 24, major % 2]).toEqual([true, 0]);
    for (const limit of [/^ {4}mem_limit: \S/m, /^ {4}cpus: \S/m, /^ {4}pids_limit: \d/m])
      expect(compose).toMatch(limit);
    expect(compose).toMatch(/WHOSPEAKS_SERVE_PORT: '(\d+)'[\s\S]*:\1'/);
  });
});
