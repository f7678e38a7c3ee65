import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SpeakerModel } from '../../src/index.js';
import type { IdentifyReply, VerifyReply } from '../../src/protocol/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { identifySchema, verifySchema } from '../../src/server/reply-schemas.js';
import { AUDIO } from '../helpers.js';
import { dataWithExamples, startServer } from './support.js';

const alice = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));
const bob = new Uint8Array(readFileSync(`${AUDIO}/bob.wav`));

let server: RunningServer;
let model: SpeakerModel;
beforeAll(async () => {
  model = await SpeakerModel.fromPretrained();
  server = await startServer({ dataFolder: await dataWithExamples() }, model);
});
afterAll(async () => {
  await server.close();
  model.close();
});

function form(...recordings: Uint8Array[]): FormData {
  const body = new FormData();
  for (const [i, bytes] of recordings.entries())
    body.append('file', new Blob([bytes as BlobPart]), `${i}.wav`);
  return body;
}

async function post(path: string, body: BodyInit): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body });
  return { status: response.status, json: await response.json() };
}

describe('POST /v1/verify', () => {
  it('compares two recordings, or one with a speaker', async () => {
    const two = await post('/v1/verify', form(alice, bob));
    expect(two.status).toBe(200);
    expect(verifySchema.parse(two.json)).toMatchObject({ same: false });
    const one = await post('/v1/verify?speaker=alice', alice as BodyInit);
    const answer = one.json as VerifyReply;
    expect(answer.same).toBe(true);
    expect(answer.probability).toBeGreaterThan(0.99);
  });

  it.each([
    ['/v1/verify', [alice], 400, 'invalid-option'],
    ['/v1/verify?speaker=alice', [alice, bob], 400, 'invalid-option'],
    ['/v1/verify?speaker=nobody', [alice], 404, 'speaker-not-found'],
    ['/v1/verify?falseAcceptRate=2', [alice, bob], 400, 'invalid-option'],
    ['/v1/verify?rate=0.1', [alice, bob], 400, 'invalid-option'],
    ['/v1/identify', [alice, bob], 400, 'invalid-option'],
    ['/v1/identify?count=0', [alice], 400, 'invalid-option'],
  ] as const)('%s refuses what it cannot answer', async (path, recordings, status, code) => {
    expect(await post(path, form(...recordings))).toMatchObject({ status, json: { error: { code } } });
  });
});

describe('POST /v1/identify', () => {
  it("names the group's speaker whose voice it is, and keeps nothing", async () => {
    const { status, json } = await post('/v1/identify?count=1', bob as BodyInit);
    expect(status).toBe(200);
    const answer: IdentifyReply = identifySchema.parse(json);
    expect(answer.named).toBe('bob');
    expect(answer.speakers.map(({ speaker }) => speaker)).toEqual(['bob']);
    const { speakers } = (await (await fetch(`${server.url}/v1/speakers`)).json()) as { speakers: unknown[] };
    expect(speakers).toHaveLength(2);
  });

  it('follows a change of the speakers', async () => {
    await fetch(`${server.url}/v1/speakers/bob`, { method: 'DELETE' });
    const { json } = await post('/v1/identify', bob as BodyInit);
    expect(json).toMatchObject({ named: null, speakers: [{ speaker: 'alice' }] });
    await fetch(`${server.url}/v1/removed-speakers/bob/restore`, { method: 'POST' });
    expect((await post('/v1/identify', bob as BodyInit)).json).toMatchObject({ named: 'bob' });
  });
});
