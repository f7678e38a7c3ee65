import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProfileStore, SpeakerModel } from '../../src/index.js';
import { AUDIO } from '../helpers.js';
import { started } from './started.js';
import { hello, open, type Told } from './support.js';

const SECOND = 32_000;
let model: SpeakerModel;
beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
});
afterAll(() => {
  model.close();
});

/** Some seconds of alice, a pause, and the rest of what she says. */
const speech = readFileSync(`${AUDIO}/alice.wav`).subarray(44);
const pcm = Buffer.concat([
  speech.subarray(0, 4 * SECOND),
  Buffer.alloc(2 * SECOND),
  speech.subarray(4 * SECOND),
]);

async function send(client: Told, from: number, to: number): Promise<void> {
  for (let sequence = from; sequence < to; sequence++) {
    client.audio(sequence, pcm.subarray(sequence * SECOND, (sequence + 1) * SECOND));
    await client.wait('ack', (ack) => ack.sequence >= sequence && ack.creditBytes >= SECOND);
  }
}

it.each([
  ['stores the better profile when the stream ends', false],
  ['that was removed meanwhile is not stored again', true],
])('a voice that was named on a stream %s', async (_, isRemoved) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'whospeaks-grows-'));
  const server = await started({ dataFolder }, model);
  const store = new ProfileStore({ folder: join(dataFolder, 'speakers') });
  const client = await open(server);
  client.send(hello);
  const { session } = await client.wait('welcome');
  await send(client, 0, 6);
  await client.wait('event', ({ event }) => event.type === 'final' && event.speaker === 'unknown-1');
  const named = await fetch(`${server.url}/v1/sessions/${session}/names`, {
    method: 'POST',
    body: JSON.stringify({ label: 'unknown-1', speaker: 'alice' }),
  });
  expect(named.status).toBe(200);
  const before = await store.get('alice');
  expect(before.speechSeconds).toBeLessThan(4.5);
  if (isRemoved) await fetch(`${server.url}/v1/speakers/alice`, { method: 'DELETE' });
  const messages = Math.floor(pcm.length / SECOND);
  await send(client, 6, messages);
  client.send({ type: 'end', messages });
  expect(await client.closed).toBe(1000);
  if (isRemoved) {
    await server.close();
    expect((await store.list()).profiles).toEqual([]);
    return;
  }
  await expect
    .poll(async () => (await store.get('alice')).speechSeconds, { timeout: 5000 })
    .toBeGreaterThan(2 * before.speechSeconds);
  const after = await store.get('alice');
  expect(after).toMatchObject({ id: before.id, createdAt: before.createdAt, name: 'alice' });
  expect((await store.audit('alice'))[0]).toMatchObject({ action: 'add', by: 'anybody' });
});
