import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  enrollWithReport,
  fromFile,
  ProfileStore,
  SpeakerModel,
  type Profile,
  type ProfileList,
  type SpeakerStore,
} from '../../src/index.js';
import type { EnrollmentReply } from '../../src/protocol/index.js';
import type { RunningServer } from '../../src/server/index.js';
import { enrolmentSchema } from '../../src/server/reply-schemas.js';
import { SpeakerGroup } from '../../src/server/speakers/speaker-group.js';
import { AUDIO } from '../helpers.js';
import { profileFor } from '../tracker/synthetic.js';
import { started } from './started.js';
import { cheapModel, enrolExamples, hello, meetingPcm, open, startServer } from './support.js';

const alice = new Uint8Array(readFileSync(`${AUDIO}/alice.wav`));
const bob = new Uint8Array(readFileSync(`${AUDIO}/bob.wav`));

describe('speakers', () => {
  it('change under a live stream, and an unknown voice is named', async () => {
    const model = await SpeakerModel.fromPretrained();
    const server = await startServer({}, model);
    const client = await open(server);
    client.send({ ...hello, live: false });
    await client.wait('welcome', ({ speakers }) => speakers.length === 0);
    await enrolExamples(server);
    await client.wait('speakers', ({ speakers }) => speakers.join() === 'alice,bob');
    const renamed = await fetch(`${server.url}/v1/speakers/bob`, {
      method: 'PATCH',
      body: '{"name":"robert"}',
    });
    expect(renamed.status).toBe(200);
    await client.wait('speakers', ({ speakers }) => speakers.join() === 'alice,robert');
    const pcm = meetingPcm();
    let sent = 0;
    for (; sent * 32_000 < pcm.length; sent++) {
      if (sent > 4)
        await client.wait(
          'ack',
          ({ sequence, creditBytes }) => sequence >= sent - 3 && creditBytes >= 96_000,
        );
      client.audio(sent, pcm.subarray(sent * 32_000, (sent + 1) * 32_000));
    }
    const unknown = await client.wait(
      'event',
      ({ event }) => event.type === 'final' && /^unknown-\d+$/.test(event.speaker),
    );
    if (unknown.event.type !== 'final') throw new Error('not a turn');
    const label = unknown.event.speaker;
    const { session } = await client.wait('welcome');
    client.send({ type: 'name', label: 'unknown-77', speaker: 'dave' });
    expect(await client.wait('error', ({ fatal }) => !fatal)).toMatchObject({
      code: 'speaker-not-found',
      answers: { label: 'unknown-77', speaker: 'dave' },
    });
    const named = await fetch(`${server.url}/v1/sessions/${session}/names`, {
      method: 'POST',
      body: JSON.stringify({ label, speaker: 'carol' }),
    });
    expect(await named.json()).toMatchObject({
      label,
      how: 'enrolled',
      saved: true,
      speaker: { name: 'carol' },
    });
    await client.wait('event', ({ event }) => event.type === 'named' && event.speaker === 'carol');
    await client.wait('speakers', ({ speakers }) => speakers.includes('carol'));
    // "This turn was robert": told to whoever follows the stream.
    const { turn } = unknown.event;
    client.send({ type: 'assign', turn, speaker: 'Robert' });
    await client.wait(
      'event',
      ({ event }) => event.type === 'correction' && event.turn === turn && event.speaker === 'robert',
    );
    const assign = (to: number, speaker: string): Promise<Response> =>
      fetch(`${server.url}/v1/sessions/${session}/turns/${to}`, {
        method: 'PATCH',
        body: JSON.stringify({ speaker }),
      });
    const before = client.messages.length;
    expect((await assign(turn, 'carol')).status).toBe(204);
    await expect
      .poll(() => client.messages.slice(before))
      .toContainEqual(
        expect.objectContaining({
          event: expect.objectContaining({ type: 'correction', turn, speaker: 'carol' }) as unknown,
        }),
      );
    expect((await assign(turn, 'robert')).status).toBe(204);
    for (const [to, speaker] of [
      [999, 'carol'],
      [turn, 'nobody'],
    ] as const)
      expect((await assign(to, speaker)).status).toBe(404);
    client.send({ type: 'assign', turn: 999, speaker: 'robert' });
    expect(
      await client.wait('error', ({ answers }) => answers !== undefined && 'turn' in answers),
    ).toMatchObject({ code: 'turn-not-found', answers: { turn: 999, speaker: 'robert' } });
    client.send({ type: 'end', messages: sent });
    expect(await client.closed).toBe(1000);
    const names = client.messages.flatMap((m) =>
      m.type === 'event' && m.event.type === 'final' ? [m.event.speaker] : [],
    );
    expect(names).toContain('alice');
    expect(names).toContain('robert');
    expect((await fetch(`${server.url}/v1/speakers/carol`, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(`${server.url}/v1/speakers/carol`)).status).toBe(404);
    await server.close();
    model.close();
  });

  it('an unknown voice is given to a speaker who is enrolled; what was heard is kept apart, or joins', async () => {
    const model = await SpeakerModel.fromPretrained();
    const dataFolder = mkdtempSync(join(tmpdir(), 'whospeaks-test-'));
    const server = await startServer({ dataFolder }, model);
    const store = new ProfileStore({ folder: join(dataFolder, 'speakers') });
    await fetch(`${server.url}/v1/speakers/bob`, { method: 'PUT', body: bob });
    const before = await store.get('bob');
    const given = async (learn: boolean): Promise<void> => {
      const client = await open(server);
      client.send(hello);
      const { session } = await client.wait('welcome');
      // Alice, whom nobody enrolled, is said to be bob: what is heard of her goes with his name.
      client.audio(0, alice.subarray(44, 44 + 6 * 32_000));
      await client.wait('event', ({ event }) => event.type === 'tentative' && event.speaker === 'unknown-1');
      const reply = await fetch(`${server.url}/v1/sessions/${session}/names`, {
        method: 'POST',
        body: JSON.stringify({ label: 'unknown-1', speaker: 'bob', learn }),
      });
      expect(await reply.json()).toMatchObject({
        label: 'unknown-1',
        how: learn ? 'learnt' : 'adapted',
        saved: true,
        speaker: { name: 'bob', recordings: learn ? 2 : 1 },
      });
      client.send({ type: 'end', messages: 1 });
      await client.closed;
      const finals = client.messages.flatMap((m) =>
        m.type === 'event' && m.event.type === 'final' ? [m.event.speaker] : [],
      );
      expect(finals).toEqual(['bob']);
    };
    await given(false);
    const apart = await store.get('bob');
    expect(apart.centroid).toEqual(before.centroid);
    expect(apart.adaptations).toHaveLength(1);
    await store.undoAdaptations('bob');
    expect((await store.get('bob')).adaptations ?? []).toEqual([]);
    await given(true);
    const joined = await store.get('bob');
    expect(joined.centroid).not.toEqual(before.centroid);
    expect(joined.speechSeconds).toBeGreaterThan(before.speechSeconds + 2);
    await server.close();
    model.close();
  });

  it('the reply to an enrolment says how good it is, and what would make it better', async () => {
    const model = await SpeakerModel.fromPretrained();
    const server = await startServer({}, model);
    const put = async (path: string, body: Uint8Array<ArrayBuffer>): Promise<EnrollmentReply> => {
      const reply = await fetch(`${server.url}/v1/speakers/${path}`, { method: 'PUT', body });
      const json: unknown = await reply.json();
      expect(enrolmentSchema.safeParse(json).error).toBeUndefined();
      return json as EnrollmentReply;
    };
    const { report } = await put('alice', alice);
    const own = await enrollWithReport(model, { name: 'alice', sources: [fromFile(`${AUDIO}/alice.wav`)] });
    expect(report).toEqual(JSON.parse(JSON.stringify(own.report)));
    expect(report.closest).toBeUndefined();

    const twin = await put('anna?dryRun=true', alice);
    expect(twin).toMatchObject({ saved: false, report: { closest: { name: 'alice' } } });
    expect(twin.report.closest!.cosine).toBeCloseTo(1, 3);
    expect(twin.report.advice.join()).toContain('sounds like "alice"');

    // What is neither true nor false must not overwrite anybody.
    const unclear = await fetch(`${server.url}/v1/speakers/alice?dryRun=1`, { method: 'PUT', body: bob });
    expect(unclear.status).toBe(400);
    expect(await unclear.json()).toMatchObject({ error: { code: 'invalid-option' } });

    // Far too loud, and somebody else speaks for five seconds.
    const bad = Buffer.concat([alice, bob.subarray(44, 44 + 5 * 32_000)]);
    bad.writeUInt32LE(bad.length - 44, 40);
    for (let at = 44; at + 1 < alice.length; at += 2)
      bad.writeInt16LE(Math.max(-32_768, Math.min(32_767, 8 * bad.readInt16LE(at))), at);
    const { report: poor } = await put('both?dryRun=true', new Uint8Array(bad));
    expect(poor.clippedShare).toBeGreaterThan(0.01);
    expect(poor.secondVoiceShare).toBeGreaterThan(0.1);
    expect(poor.advice.join()).toMatch(/another voice.*clipped/);
    expect(poor.consistency).toBeLessThan(report.consistency);
    await server.close();
    model.close();
  });

  it('bad recordings get one clear error, without the place where they lay', async () => {
    const server = await startServer({ maxUploadBytes: 100_000 });
    const put = async (body: BodyInit, headers: Record<string, string> = {}): Promise<[number, string]> => {
      const reply = await fetch(`${server.url}/v1/speakers/dora`, { method: 'PUT', body, headers });
      const text = await reply.text();
      expect(text).not.toContain('/tmp');
      return [reply.status, (JSON.parse(text) as { error: { code: string } }).error.code];
    };
    expect(await put('this is text')).toEqual([422, 'audio-unsupported']);
    expect(await put('')).toEqual([422, 'audio-empty']);
    expect(await put(new Uint8Array(200_000))).toEqual([413, 'server-limit']);
    expect(await put('x', { 'content-type': 'multipart/form-data; boundary=y' })).toEqual([
      400,
      'invalid-option',
    ]);
    const unknown = await fetch(`${server.url}/v1/speakers/unknown`, { method: 'PUT', body: 'x' });
    expect(unknown.status).toBe(400);
    await server.close();
  });
});

describe('changes of the speakers', () => {
  const put = (server: RunningServer, name: string, headers = {}): Promise<Response> =>
    fetch(`${server.url}/v1/speakers/${name}`, { method: 'PUT', body: alice, headers });

  it('of two that ask at once for a new name, one gets it', async () => {
    const server = await started();
    const replies = await Promise.all(
      [0, 1, 2, 3].map(() => put(server, 'alice', { 'if-none-match': '*' }).then(({ status }) => status)),
    );
    expect(replies.toSorted()).toEqual([201, 409, 409, 409]);
  });

  it('made at once leave in memory what is on disk', async () => {
    const voice = (name: string): Profile => ({
      ...profileFor(name, Float32Array.of(1)),
      model: cheapModel,
    });
    const onDisk = new Set(['alice']);
    const readings: (() => void)[] = [];
    const store = {
      list: () => {
        const profiles = [...onDisk].map(voice);
        return new Promise<ProfileList>((resolve) => {
          readings.push(() => {
            resolve({ profiles, damaged: [], warnings: [] });
          });
        });
      },
      put: (profile: Profile) => {
        onDisk.add(profile.name);
        return Promise.resolve({ profile, replaced: false });
      },
      delete: (name: string) => Promise.resolve(onDisk.delete(name)),
    };
    const group = new SpeakerGroup({
      name: 'g',
      store: store as unknown as SpeakerStore,
      model: cheapModel,
      maxSpeakers: 10,
      keepAudioDays: 0,
      onChange: () => undefined,
    });
    const loaded = group.load();
    readings.pop()!();
    await loaded;
    const added = group.ofStream('token').keep({ how: 'enrolled', speaker: 'bob', profile: voice('bob') });
    await turn();
    // While the store is read, in which she still is:
    const removed = group.remove('alice');
    // Of readings under way at once, the one that began last is over first.
    for (let i = 0; i < 5; i++) {
      await turn();
      readings.pop()?.();
    }
    await Promise.all([added, removed]);
    expect(group.usable().map(({ name }) => name)).toEqual(['bob']);
  });

  it('delete a voice from the streams that run', async () => {
    const model = await SpeakerModel.fromPretrained();
    const server = await started({}, model);
    await put(server, 'alice');
    const client = await open(server);
    client.send(hello);
    await client.wait('welcome', ({ speakers }) => speakers.join() === 'alice');
    const pcm = meetingPcm();
    const half = Math.floor(pcm.length / 64_000) * 32_000;
    const send = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += 32_000) {
        const sequence = at / 32_000;
        client.audio(sequence, pcm.subarray(at, at + 32_000));
        await client.wait('ack', (ack) => ack.sequence >= sequence && ack.creditBytes >= 32_000);
      }
    };
    await send(0, half);
    expect((await fetch(`${server.url}/v1/speakers/alice`, { method: 'DELETE' })).status).toBe(204);
    await client.wait('speakers', ({ speakers }) => speakers.length === 0);
    const told = client.messages.length;
    await send(half, pcm.length);
    client.send({ type: 'end', messages: Math.ceil(pcm.length / 32_000) });
    expect(await client.closed).toBe(1000);
    const speakersOf = (messages: typeof client.messages): string[] =>
      messages.flatMap((m) => (m.type === 'event' && 'speaker' in m.event ? [m.event.speaker] : []));
    expect(speakersOf(client.messages.slice(0, told))).toContain('alice');
    const later = client.messages
      .slice(told)
      .flatMap((m) =>
        m.type === 'event' && m.event.type === 'final' && m.event.startSample > half / 2
          ? [m.event.speaker]
          : [],
      );
    expect(later.length).toBeGreaterThan(0);
    expect(later).not.toContain('alice');
    await server.close();
    model.close();
  });
});
