import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { configSchema, serve, type RunningServer } from '../../src/server/index.js';
import { AUDIO } from '../helpers.js';
import { cheapModel, startServer } from './support.js';

/** As short as an enrolment may be. */
const alice = Buffer.from(readFileSync(`${AUDIO}/alice.wav`).subarray(0, 44 + 4 * 32_000));
alice.writeUInt32LE(alice.length - 44, 40);
const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
const put = (server: RunningServer, name: string, query = ''): Promise<Response> =>
  fetch(`${server.url}/v1/speakers/${encodeURIComponent(name)}${query}`, {
    method: 'PUT',
    body: new Uint8Array(alice),
  });

it('a group has no more speakers than the setting says', async () => {
  const server = await startServer({ maxSpeakers: 2 });
  servers.push(server);
  expect((await put(server, 'alice')).status).toBe(201);
  expect((await put(server, 'bob')).status).toBe(201);
  const refused = await put(server, 'carol');
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ error: { code: 'store-full' } });
  expect((await put(server, 'carol', '?dryRun=true')).status).toBe(200);
  expect((await put(server, 'alice', '?existing=replace')).status).toBe(200);
  // Of those that ask at once for the last place one gets it.
  expect((await fetch(`${server.url}/v1/speakers/bob`, { method: 'DELETE' })).status).toBe(204);
  const asked = await Promise.all(['dora', 'emil', 'fritz'].map((name) => put(server, name)));
  expect(asked.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
});

it('the log warns of voiceprints that others may read and of damaged ones, and tells no name', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'whospeaks-group-'));
  const folder = join(dataFolder, 'speakers');
  mkdirSync(folder);
  writeFileSync(join(folder, `${'1'.repeat(16)}.json`), '{');
  const index = { speakers: [{ name: 'zacharias', file: `${'1'.repeat(16)}.json` }] };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  chmodSync(folder, 0o755);
  const lines: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const config = configSchema.parse({ port: 0, maxStreams: 1, dataFolder });
  const server = await serve(config, { model: cheapModel, logger });
  servers.push(server);
  if (process.platform !== 'win32')
    expect(lines.join('')).toMatch(/"group":"default","code":"store-exposed","msg":".*chmod 700/);
  expect(lines.join('')).toMatch(/"code":"store-corrupt","msg":"the profile 1{16}\.json is damaged/);
  await put(server, 'zacharias', '?dryRun=true');
  await fetch(`${server.url}/v1/speakers/zacharias/x`, { method: 'DELETE' });
  await fetch(`${server.url}/v1/speakers/zacharias`, { method: 'DELETE' });
  await expect.poll(() => lines.join('')).toContain('"route":"/v1/speakers/:"');
  expect(lines.join('')).not.toContain('zacharias');
});
