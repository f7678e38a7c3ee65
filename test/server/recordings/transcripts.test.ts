import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordings, type RecordingReply } from '../../../src/client/index.js';
import { readTranscript, SpeakerModel } from '../../../src/index.js';
import type { RunningServer } from '../../../src/server/index.js';
import { parseForm } from '../../../src/server/http/form.js';
import { spoolForm } from '../../../src/server/http/recording-form.js';
import { recordingSchema } from '../../../src/server/reply-schemas.js';
import { AUDIO } from '../../helpers.js';
import { dataWithExamples, startServer } from '../support.js';

const meeting = new Uint8Array(readFileSync(`${AUDIO}/meeting.wav`));
/** As OpenAI writes it: a word a second. */
const words = Array.from({ length: 20 }, (_, i) => ({ word: `w${i}`, start: i + 0.6, end: i + 0.9 }));
const openai = JSON.stringify({ text: words.map(({ word }) => word).join(' '), words });

describe('recordings with a transcript', () => {
  let model: SpeakerModel;
  let server: RunningServer;
  beforeAll(async () => {
    model = await SpeakerModel.fromPretrained();
    server = await startServer({ dataFolder: await dataWithExamples(), maxRecordings: 20 }, model);
  });
  afterAll(async () => {
    await server.close();
    model.close();
  });

  async function over(sent: RecordingReply): Promise<RecordingReply> {
    for (;;) {
      const reply = await recordings({ url: server.url }).get(sent.recording);
      if (reply.state === 'done' || reply.state === 'failed') return reply;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const form = (parts: Record<string, BlobPart>): FormData => {
    const data = new FormData();
    for (const [name, part] of Object.entries(parts)) data.append(name, new Blob([part]), name);
    return data;
  };
  const post = (body: FormData): Promise<Response> =>
    fetch(`${server.url}/v1/recordings`, { method: 'POST', body });

  it('have their words under names, in the answer and in files, also after a speaker gets a name', async () => {
    const client = recordings({ url: server.url });
    const reply = await over(await client.send(meeting, { transcript: openai }));
    expect(reply.state).toBe('done');
    expect(recordingSchema.safeParse(reply).success).toBe(true);
    const { transcript, segments } = reply;
    expect(transcript).toMatchObject({ format: 'openai', estimatedWords: 0, isDoubtful: false });
    expect(transcript!.words.map(({ text }) => text)).toEqual(words.map(({ word }) => word));
    const within = transcript!.words.filter(({ startSeconds, endSeconds }) =>
      segments!.some((one) => one.startSeconds + 0.6 < startSeconds && endSeconds < one.endSeconds - 0.6),
    );
    expect(within.length).toBeGreaterThan(8);
    for (const { speaker, startSeconds } of within) {
      const talking = segments!.filter(
        (one) => one.startSeconds <= startSeconds && startSeconds < one.endSeconds,
      );
      expect(talking.map((one) => one.speaker)).toContain(speaker);
    }
    expect(new Set(transcript!.words.map(({ speaker }) => speaker))).toEqual(
      new Set(['alice', 'bob', 'unknown-1']),
    );

    expect(await client.transcript(reply.recording, 'vtt')).toMatch(/<v alice>w0 w1 w2/);
    expect(await client.transcript(reply.recording, 'md')).toMatch(/\*\*bob/);
    expect(await client.transcript(reply.recording, 'ctm')).toMatch(/w0/);
    expect(await client.transcript(reply.recording, 'rttm')).toMatch(/^SPEAKER .* alice /m);
    expect(readTranscript(await client.transcript(reply.recording, 'json')).words).toHaveLength(20);
    await client.name(reply.recording, 'unknown-1', 'carol');
    const again = await client.get(reply.recording);
    expect(new Set(again.transcript!.words.map(({ speaker }) => speaker))).toEqual(
      new Set(['alice', 'bob', 'carol']),
    );
    expect(again.transcript!.words.find(({ speaker }) => speaker === 'carol')!.known).toBe(true);
  });

  it('of another recording are told to be doubtful, and one that is none fails with its code', async () => {
    const client = recordings({ url: server.url });
    const late = { words: words.map(({ word, start, end }) => ({ word, start: start + 60, end: end + 60 })) };
    const many = {
      words: Array.from({ length: 1200 }, (_, i) => ({ word: 'w', start: i / 70, end: i / 70 })),
    };
    const sent = await Promise.all(
      [JSON.stringify(late), 'what is this', JSON.stringify(many)].map((transcript) =>
        client.send(meeting, { transcript }),
      ),
    );
    const [doubtful, none, tooMany] = await Promise.all(sent.map(over));
    expect(doubtful!.transcript).toMatchObject({ isDoubtful: true });
    expect(none).toMatchObject({ state: 'failed', error: { code: 'transcript-format' } });
    expect(tooMany).toMatchObject({ state: 'failed', error: { code: 'transcript-limit' } });
  });

  it('are refused as forms that have no recording, two of something, or too much', async () => {
    const refused = async (body: FormData): Promise<[number, unknown]> => {
      const response = await post(body);
      return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
    };
    expect(await refused(form({ transcript: openai }))).toEqual([422, 'audio-empty']);
    expect(await refused(form({ recording: '' }))).toEqual([422, 'audio-empty']);
    expect(await refused(form({ recording: meeting, transcript: '' }))).toEqual([422, 'transcript-format']);
    expect(await refused(form({ recording: meeting, other: meeting }))).toEqual([400, 'invalid-option']);
    const large = 'x'.repeat(16 * 1024 * 1024 + 1);
    for (const parts of [
      { recording: meeting, transcript: large },
      { transcript: large, recording: meeting },
    ]) {
      // Not over a socket, which is closed before all of it was read.
      const { body, headers } = new Response(form(parts));
      const pieces = body as unknown as AsyncIterable<Buffer>;
      await expect(spoolForm(pieces, headers.get('content-type')!)).rejects.toMatchObject({
        code: 'server-limit',
      });
    }
    // On the same connections: what was not read of a form does not stand in the way.
    for (let i = 0; i < 4; i++) {
      expect(await refused(form({ recording: meeting, other: meeting }))).toEqual([400, 'invalid-option']);
      const startMs = performance.now();
      const { recordings: kept } = await recordings({ url: server.url }).list();
      expect(performance.now() - startMs).toBeLessThan(3000);
      expect(kept.filter(({ state }) => state !== 'done' && state !== 'failed')).toEqual([]);
    }
  });

  it('that are cut off are let go of: who reads a file of the form hears of it', async () => {
    async function* cut(): AsyncGenerator<Buffer> {
      const head = '--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n';
      yield await Promise.resolve(Buffer.from(`${head}${'x'.repeat(100_000)}`));
      throw new Error('the client is gone');
    }
    const reading: Promise<unknown>[] = [];
    const parsed = parseForm(cut(), 'multipart/form-data; boundary=b', (_, file) => {
      reading.push(file.toArray());
      return reading[0]!;
    });
    await expect(parsed).rejects.toThrow('the client is gone');
    expect(reading).toHaveLength(1);
    await expect(reading[0]).rejects.toThrow('the client is gone');
  }, 20_000);

  it('without one have files of who spoke when alone', async () => {
    const client = recordings({ url: server.url });
    const response = await post(form({ recording: meeting }));
    expect(response.status).toBe(202);
    const reply = await over((await response.json()) as RecordingReply);
    expect(reply.state).toBe('done');
    expect(reply).not.toHaveProperty('transcript');
    expect(await client.transcript(reply.recording, 'vtt')).toMatch(/<v alice>/);
    await expect(client.transcript(reply.recording, 'md')).rejects.toMatchObject({ code: 'invalid-option' });
  });
});
