import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fromSamples, ProfileStore, readAll } from '../../src/index.js';
import { fromBytes } from '../../src/stream/index.js';
import type { EnrollmentReply, ReadyReply, SpeakerListReply } from '../../src/protocol/index.js';
import { Keys } from '../../src/speakers/store/sealed.js';
import { started } from './started.js';
import { cheapModel, keptLog } from './support.js';
import { voicePart } from './voice-part.js';

let dataFolder: string;
let store: ProfileStore;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'whospeaks-rules-'));
  store = new ProfileStore({ folder: join(dataFolder, 'speakers') });
});

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}
const ask = async <Body>(
  server: { readonly url: string },
  method: string,
  path: string,
  body?: BodyInit,
): Promise<Answer<Body>> => {
  const reply = await fetch(`${server.url}/v1/${path}`, { method, ...(body === undefined ? {} : { body }) });
  const text = await reply.text();
  return { status: reply.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
};
const put = (
  server: { readonly url: string },
  path: string,
  part: BodyInit,
): Promise<Answer<EnrollmentReply>> => ask(server, 'PUT', `speakers/${path}`, part);
const [first, second] = [voicePart('alice'), voicePart('alice', 4, 4)];

describe('a name that is taken', () => {
  it('is refused unasked, replaced or added to as asked', async () => {
    const server = await started({ dataFolder });
    expect((await put(server, 'alice', first)).status).toBe(201);
    const before = await store.get('alice');
    expect(await put(server, 'alice', second)).toMatchObject({
      status: 409,
      body: { error: { code: 'speaker-exists' } },
    });
    expect(await store.get('alice')).toEqual(before);

    const added = await put(server, 'alice?existing=append', second);
    expect(added).toMatchObject({ status: 200, body: { appended: true, replaced: false, saved: true } });
    expect(added.body.speaker.recordings).toBe(2);
    expect(added.body.speaker.speechSeconds).toBeGreaterThan(before.speechSeconds + 1.5);
    expect((await store.get('alice')).id).toBe(before.id);

    const replaced = await put(server, 'alice?existing=replace', second);
    expect(replaced).toMatchObject({ status: 200, body: { replaced: true, appended: false } });
    expect(replaced.body.speaker.recordings).toBe(1);
    expect(await put(server, 'bob?existing=append', first)).toMatchObject({
      status: 404,
      body: { error: { code: 'speaker-not-found' } },
    });
    expect(await put(server, 'bob?existing=replace', first)).toMatchObject({
      status: 201,
      body: { replaced: false },
    });
    expect((await put(server, 'bob?existing=yes', first)).status).toBe(400);
    const actions = (await store.audit('alice')).map(({ action, by }) => [action, by]);
    expect(actions).toEqual([
      ['add', 'anybody'],
      ['replace', 'anybody'],
      ['replace', 'anybody'],
    ]);
  });

  it('of recordings that do not sound like the speaker, adding says so', async () => {
    // A network for which nobody sounds like anybody.
    const strict = { ...cheapModel, calibration: { scale: 1, offset: -2 } };
    const server = await started({ dataFolder }, strict);
    await put(server, 'alice', first);
    const { body } = await put(server, 'alice?existing=append', voicePart('bob'));
    expect(body.report.advice.join()).toContain('do not sound like "alice" as stored');
  });
});

describe('a removed speaker', () => {
  it('is listed and restored over HTTP, until it is erased', async () => {
    const server = await started({ dataFolder });
    await put(server, 'alice', first);
    const before = await store.get('alice');
    expect((await ask(server, 'DELETE', 'speakers/alice')).status).toBe(204);
    expect((await ask(server, 'GET', 'speakers/alice')).status).toBe(404);
    const removed = await ask<{ removed: { name: string; removedAt: string; until: string }[] }>(
      server,
      'GET',
      'removed-speakers',
    );
    expect(removed.body.removed).toMatchObject([{ name: 'alice' }]);
    const { removedAt, until } = removed.body.removed[0]!;
    expect(Math.round((Date.parse(until) - Date.parse(removedAt)) / 86_400_000)).toBe(7);
    expect(await ask(server, 'POST', 'removed-speakers/alice/restore')).toMatchObject({
      status: 200,
      body: { name: 'alice', usable: true },
    });
    expect(await store.get('alice')).toEqual(before);
    expect((await ask(server, 'DELETE', 'speakers/alice?erase=true')).status).toBe(204);
    expect((await ask(server, 'POST', 'removed-speakers/alice/restore')).status).toBe(404);
    expect((await store.audit()).map(({ action }) => action)).toEqual(['erase']);
    // What was removed before is erased too.
    await put(server, 'alice', first);
    await ask(server, 'DELETE', 'speakers/alice');
    expect((await ask(server, 'DELETE', 'speakers/alice?erase=true')).status).toBe(204);
    expect(await store.removed()).toEqual([]);
  });

  it('is kept as long as the setting says', async () => {
    const server = await started({ dataFolder, trashDays: 0 });
    await put(server, 'alice', first);
    await ask(server, 'DELETE', 'speakers/alice');
    expect(await store.removed()).toEqual([]);
  });
});

describe('recordings of enrolments', () => {
  it('are kept nowhere by default', async () => {
    const server = await started({ dataFolder });
    await put(server, 'alice', first);
    expect(existsSync(join(dataFolder, 'speakers', 'recordings'))).toBe(false);
  });

  it('are kept as heard, for the days of the setting, those that are added too; a dry run keeps none', async () => {
    const server = await started({ dataFolder, keepAudioDays: 30 });
    await put(server, 'alice?dryRun=true', first);
    expect(existsSync(join(dataFolder, 'speakers', 'recordings'))).toBe(false);
    await put(server, 'alice', first);
    await put(server, 'alice?existing=append', second);
    const kept = await store.recordings('alice');
    expect(kept).toHaveLength(2);
    for (const { until } of kept) expect(Math.round((Date.parse(until!) - Date.now()) / 86_400_000)).toBe(30);
    const sent = await readAll(fromBytes(first, 'sent.wav'));
    const back = await readAll(fromBytes(kept[0]!.bytes, 'kept.flac'));
    expect(back.length).toBe(sent.length);
    expect(Math.max(...back.map((x, i) => Math.abs(x - sent[i]!)))).toBeLessThan(1e-4);
    expect(fromSamples(back).live).toBe(false);
    await put(server, 'alice?existing=replace', second);
    expect(await store.recordings('alice')).toHaveLength(1);
  });
});

describe('speakers that another model enrolled', () => {
  it('are named at the start in the log, counted by /readyz and a metric, and marked in the list', async () => {
    const old = await started({ dataFolder }, { ...cheapModel, name: 'old', fingerprint: 'd'.repeat(64) });
    await put(old, 'alice', first);
    await put(old, 'bob', second);
    await old.close();
    const log = keptLog();
    const server = await started({ dataFolder, auditNames: true }, cheapModel, { logger: log.logger });
    await put(server, 'carol', first);
    const line = log
      .text()
      .split('\n')
      .find((each) => each.includes('model-mismatch'))!;
    expect(JSON.parse(line)).toMatchObject({
      level: 40,
      group: 'default',
      code: 'model-mismatch',
      speakers: ['alice', 'bob'],
      msg: expect.stringMatching(
        /2 of 2 speakers cannot be named by the model "cheap".*"old".*speakers upgrade/,
      ) as string,
    });
    const ready = async (): Promise<ReadyReply> =>
      (await (await fetch(`${server.url}/readyz`)).json()) as ReadyReply;
    expect(await ready()).toEqual({
      status: 'ready',
      unusableSpeakers: 2,
      unusableSpeakerIds: [expect.stringMatching(/^[0-9a-f]{16}$/), expect.stringMatching(/^[0-9a-f]{16}$/)],
    });
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      'whospeaks_unusable_speakers{group="default"} 2',
    );
    const { body } = await ask<SpeakerListReply>(server, 'GET', 'speakers');
    expect(body.speakers.slice(0, 2).map(({ id }) => id)).toEqual((await ready()).unusableSpeakerIds);
    expect(body.speakers.map(({ name, usable }) => [name, usable])).toEqual([
      ['alice', false],
      ['bob', false],
      ['carol', true],
    ]);
    expect(await put(server, 'alice?existing=append', first)).toMatchObject({
      status: 409,
      body: { error: { code: 'model-mismatch' } },
    });
  });

  it('are told without names by default, once, and again for those who come later', async () => {
    const log = keptLog();
    const server = await started({ dataFolder }, cheapModel, { logger: log.logger });
    expect(log.text()).not.toContain('model-mismatch');
    const profile = {
      ...{ dimension: 2, centroid: Float32Array.of(1, 0), exemplars: [], speechSeconds: 9, recordings: 1 },
      model: { name: 'old', fingerprint: 'd'.repeat(64) },
      consistency: 1,
    };
    await store.put({ ...profile, name: 'zacharias' });
    await expect.poll(() => log.text(), { timeout: 2000 }).toContain('1 of 1 speakers cannot be named');
    await expect
      .poll(() => fetch(`${server.url}/readyz`).then((reply) => reply.json()))
      .toMatchObject({
        unusableSpeakers: 1,
      });
    expect(log.text()).not.toContain('zacharias');
    expect(log.text().match(/model-mismatch/g)).toHaveLength(1);
  });
});

it('speakers of a service with a key file are encrypted', async () => {
  const storeKeyFile = join(dataFolder, 'keys');
  writeFileSync(storeKeyFile, Keys.make());
  const server = await started({ dataFolder, storeKeyFile });
  await put(server, 'alice', first);
  const folder = join(dataFolder, 'speakers');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json')))
    expect(readFileSync(join(folder, file), 'latin1')).toMatch(/^whospeaks-sealed-1 /);
  const again = await started({ dataFolder, storeKeyFile });
  expect((await ask<SpeakerListReply>(again, 'GET', 'speakers')).body.speakers).toHaveLength(1);
  await expect(started({ dataFolder })).rejects.toMatchObject({ code: 'store-key' });
});
