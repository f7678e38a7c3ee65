import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProfileStore, type Profile } from '../../src/index.js';
import { runHere } from '../cli-in-process.js';
import { whospeaks, type Ran } from '../helpers.js';
import { NatsServer } from './nats-server.js';
import { testProfile } from './test-profile.js';

const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-fleet-cli-'));
const folder = join(scratch, 'speakers');
const back = join(scratch, 'back');
let nats: NatsServer;
let fleet: string;
beforeAll(async () => {
  nats = await NatsServer.start();
  fleet = `${nats.url}/cli?group=team`;
});
afterAll(async () => {
  await nats.stop();
  rmSync(scratch, { recursive: true });
});

const copy = (from: string, to: string, ...args: string[]): Promise<Ran> =>
  runHere(['speakers', 'copy', '--from', from, '--to', to, ...args]);
const voices = async (store: string): Promise<Record<string, unknown>[]> => {
  const profiles = (await new ProfileStore({ folder: store }).list()).profiles;
  return profiles.map(({ id: _, ...profile }: Profile) => ({ ...profile }));
};

it('copies speakers from a folder into a fleet and back, every voice bit for bit', async () => {
  const store = new ProfileStore({ folder });
  await store.add(testProfile('alice', 1));
  await store.put(testProfile('bob', 2), { recordings: [{ bytes: Uint8Array.of(1, 2, 3) }] });
  const lesson = { vector: testProfile('', 5).centroid, seconds: 3, probability: 0.9 };
  await store.adapt('alice', lesson);
  const dry = await copy(folder, fleet, '--dry-run');
  expect(dry.stdout).toBe('added alice\nadded bob\nwould copy 2 of 2 speakers\n');
  expect((await runHere(['speakers', 'list', '--store', fleet])).stdout).toMatch(/^no speakers in/);
  const done = await copy(folder, fleet);
  expect(done).toMatchObject({ code: 0, stdout: 'added alice\nadded bob\ncopied 2 of 2 speakers\n' });
  expect(done.stderr).toMatch(/^warning: 1 kept recordings are not copied/);
  expect((await copy(folder, fleet)).stdout).toMatch(/^unchanged alice\nunchanged bob\ncopied 0/);
  expect((await copy(fleet, back)).stdout).toMatch(/copied 2 of 2/);
  expect(await voices(back)).toEqual(await voices(folder));
});

it('copies nothing over a speaker of another voice unless asked', async () => {
  const changed = join(scratch, 'changed');
  await new ProfileStore({ folder: changed }).add(testProfile('carol', 3));
  await new ProfileStore({ folder: changed }).add(testProfile('alice', 9));
  const refused = await copy(changed, fleet);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toMatch(/"alice" is there already.*\[speaker-exists\]/);
  expect((await copy(changed, fleet, '--skip')).stdout).toMatch(/kept alice\nadded carol\ncopied 1 of 2/);
  expect((await copy(changed, fleet, '--replace')).stdout).toMatch(/replaced alice\nunchanged carol/);
});

it('serves the other commands as a folder does, and lets the program end', async () => {
  const ran = await whospeaks(['speakers', 'rename', 'bob', 'robert', '--store', fleet]);
  expect(ran).toMatchObject({ code: 0, stdout: 'bob is now robert\n' });
  const audit = await runHere(['speakers', 'audit', 'robert', '--json', '--store', fleet]);
  expect(
    audit.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { action: string }).action),
  ).toEqual(['add', 'rename']);
});

it('says what is wrong with an address, and that nobody is there', async () => {
  const list = (store: string): Promise<Ran> => runHere(['speakers', 'list', '--store', store]);
  for (const wrong of [
    'nats://',
    'nats://h:1/Bad Name',
    'nats://h?color=red',
    'nats://h?cert=a',
    'nats://h:x/',
  ]) {
    const ran = await list(wrong);
    expect([wrong, ran.code, ran.stderr]).toEqual([
      wrong,
      2,
      expect.stringMatching(/^error: fleet URL: .*\[invalid-option\]\n$/),
    ]);
  }
  expect((await list('nats://user:secret@127.0.0.1:9/x')).stderr).toMatch(
    /^error: fleet 127\.0\.0\.1:9\/x is out of reach.*\[fleet-unreachable\]\n$/,
  );
  expect((await list('nats://h?creds=/nowhere')).stderr).toMatch(/\[file-unreadable\]/);
});
