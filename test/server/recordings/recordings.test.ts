import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { SpeakerModel } from '../../../src/index.js';
import type { RecordingListReply, RecordingReply, SpeakerListReply } from '../../../src/protocol/index.js';
import type { RunningServer } from '../../../src/server/index.js';
import { AUDIO } from '../../helpers.js';
import { wavFile } from '../../stream/wav-file.js';
import { dataWithExamples, startServer } from '../support.js';

const meeting = readFileSync(`${AUDIO}/meeting.wav`);

describe('whole recordings', () => {
  let model: SpeakerModel;
  let server: RunningServer;
  beforeAll(async () => {
    model = await SpeakerModel.fromPretrained();
    server = await startServer(
      { dataFolder: await dataWithExamples(), maxRecordings: 2, maxRecordingBytes: 4_000_000 },
      model,
    );
  });
  afterAll(async () => {
    await server.close();
    model.close();
  });

  const send = (body: Uint8Array, query = '', headers = {}, url = server.url): Promise<Response> =>
    fetch(`${url}/v1/recordings${query}`, { method: 'POST', body: Buffer.from(body), headers });
  const get = async (id: string, url = server.url): Promise<RecordingReply> =>
    (await (await fetch(`${url}/v1/recordings/${id}`)).json()) as RecordingReply;

  async function heard(body: Uint8Array, query = '', url = server.url): Promise<RecordingReply> {
    const response = await send(body, query, {}, url);
    expect(response.status).toBe(202);
    const { recording } = (await response.json()) as RecordingReply;
    expect(response.headers.get('location')).toBe(`v1/recordings/${recording}`);
    for (;;) {
      const reply = await get(recording, url);
      if (reply.state === 'done' || reply.state === 'failed') return reply;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('are told with the names of who is enrolled, as files, and can teach a name', async () => {
    const reply = await heard(meeting);
    expect(reply).toMatchObject({ state: 'done' });
    const labels = reply.speakers!.map(({ label }) => label);
    expect(new Set(labels)).toEqual(new Set(['alice', 'bob', 'unknown-1']));
    const seconds = meeting.length / 2 / 16_000;
    expect(reply.durationSeconds).toBeCloseTo(seconds, 0);
    expect(reply.expiresAt).toBeDefined();
    const path = `${server.url}/v1/recordings/${reply.recording}`;
    const vtt = await fetch(`${path}/transcript?format=vtt`);
    expect(vtt.headers.get('content-type')).toBe('text/vtt; charset=utf-8');
    expect(await vtt.text()).toMatch(/^WEBVTT\n[^]*<v alice>/);

    const named = await fetch(`${path}/names`, {
      method: 'POST',
      body: JSON.stringify({ label: 'unknown-1', speaker: 'carol' }),
    });
    expect(named.status).toBe(200);
    expect(await named.json()).toMatchObject({ how: 'enrolled', saved: true, speaker: { name: 'carol' } });
    expect((await get(reply.recording)).speakers!.map(({ label }) => label)).toContain('carol');
    const speakers = (await (await fetch(`${server.url}/v1/speakers`)).json()) as {
      speakers: { name: string }[];
    };
    expect(speakers.speakers.map(({ name }) => name)).toContain('carol');
    // Now that carol is enrolled, the same recording has nobody unknown.
    const again = await heard(meeting);
    expect(new Set(again.speakers!.map(({ label }) => label))).toEqual(new Set(['alice', 'bob', 'carol']));

    expect((await fetch(path, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(path)).status).toBe(404);
    const list = (await (await fetch(`${server.url}/v1/recordings`)).json()) as RecordingListReply;
    expect(list.recordings.map(({ recording }) => recording)).toEqual([again.recording]);
    expect(list.recordings[0]).not.toHaveProperty('segments');
  });

  it('are given to who is enrolled, or to another voice that was found', async () => {
    const own = await startServer({}, model);
    onTestFinished(() => own.close());
    const name = async (id: string, body: object): Promise<unknown> =>
      (
        await fetch(`${own.url}/v1/recordings/${id}/names`, { method: 'POST', body: JSON.stringify(body) })
      ).json();
    const enrolled = async (): Promise<Record<string, number>> => {
      const list = (await (await fetch(`${own.url}/v1/speakers`)).json()) as SpeakerListReply;
      return Object.fromEntries(list.speakers.map((speaker) => [speaker.name, speaker.recordings]));
    };
    const reply = await heard(meeting, '', own.url);
    const id = reply.recording;
    const seconds = (label: string): number =>
      reply.speakers!.find((speaker) => speaker.label === label)!.seconds;
    expect(reply.speakers!.length).toBe(3);
    expect(await name(id, { label: 'unknown-1', speaker: 'Ann' })).toMatchObject({ how: 'enrolled' });
    expect(await name(id, { label: 'unknown-2', speaker: 'unknown-3' })).toEqual({
      label: 'unknown-2',
      how: 'merged',
      saved: false,
    });
    const merged = await get(id, own.url);
    expect(merged.speakers!.map(({ label }) => label)).toEqual(['Ann', 'unknown-3']);
    expect(merged.speakers![1]!.seconds).toBeCloseTo(seconds('unknown-2') + seconds('unknown-3'), 5);
    // The same name, however it is written, is the same speaker; of two at once, one has the voice.
    const both = await Promise.all([
      name(id, { label: 'unknown-3', speaker: 'ann', learn: true }),
      name(id, { label: 'unknown-3', speaker: 'bea' }),
    ]);
    expect(both).toMatchObject([{ how: 'learnt' }, { error: { code: 'speaker-not-found' } }]);
    expect((await get(id, own.url)).speakers!.map(({ label }) => label)).toEqual(['Ann']);
    expect(await enrolled()).toEqual({ Ann: 2 });
  });

  it('of two channels are one each', async () => {
    const pcm = readFileSync(`${AUDIO}/alice.wav`).subarray(44);
    const alice = Float32Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(2 * i) / 32_768);
    const samples = new Float32Array(2 * alice.length);
    alice.forEach((sample, i) => (samples[2 * i + 1] = sample));
    const stereo = wavFile({ rateHz: 16_000, channels: 2, encoding: 's16le', samples });
    const reply = await heard(stereo, '?audio=channels');
    expect(reply.speakers).toMatchObject([{ label: 'alice', channel: 1 }]);
    expect(new Set(reply.segments!.map(({ channel }) => channel))).toEqual(new Set([1]));
  });

  it('of silence have nobody in them', async () => {
    const silence = wavFile({
      rateHz: 16_000,
      channels: 1,
      encoding: 's16le',
      samples: new Float32Array(48_000),
    });
    expect(await heard(silence)).toMatchObject({
      state: 'done',
      segments: [],
      speakers: [],
      durationSeconds: 3,
    });
  });

  it.each([
    ['that are no sound fail with the reason', Buffer.from('no sound at all'), '', 'audio-unsupported'],
    ['with more speakers than were heard fail', meeting, '?speakers=900', 'invalid-option'],
  ])('%s', async (_, body, query, code) => {
    const reply = await heard(body, query);
    expect(reply).toMatchObject({ state: 'failed', error: { code } });
    const transcript = await fetch(`${server.url}/v1/recordings/${reply.recording}/transcript`);
    expect(transcript.ok).toBe(false);
    expect(await transcript.json()).toMatchObject({ error: { code } });
  });

  it.each([
    ['an empty one', () => send(new Uint8Array(0)), 422, 'audio-empty'],
    ['one that is too large', () => send(new Uint8Array(4_000_001)), 413, 'server-limit'],
    ['speakers that are no number', () => send(meeting, '?speakers=two'), 400, 'invalid-option'],
    ['no speakers at all', () => send(meeting, '?speakers=0'), 400, 'invalid-option'],
    ['more than there can be', () => send(meeting, '?speakers=1001'), 400, 'invalid-option'],
    ['a range upside down', () => send(meeting, '?minSpeakers=3&maxSpeakers=2'), 400, 'invalid-option'],
    ['an unknown kind of audio', () => send(meeting, '?audio=left'), 400, 'invalid-option'],
    ['two ways to count', () => send(meeting, '?speakers=2&minSpeakers=1'), 400, 'invalid-option'],
    ['an unknown setting', () => send(meeting, '?speeakers=2'), 400, 'invalid-option'],
    [
      'a form',
      () => send(meeting, '', { 'content-type': 'multipart/form-data; boundary=x' }),
      400,
      'invalid-option',
    ],
    [
      'a recording that is not there',
      () => fetch(`${server.url}/v1/recordings/none`),
      404,
      'recording-unknown',
    ],
  ])('refuse %s', async (_, ask, status, code) => {
    const response = await ask();
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});
