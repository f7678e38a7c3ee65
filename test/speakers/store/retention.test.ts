import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProfileStore, type Profile } from '../../../src/index.js';
import { changeSpeaker } from '../../../src/speakers/store/speaker-changes.js';
import { randomNumbers } from '../../random.js';
import { profileFor, randomVoice } from '../../tracker/synthetic.js';

const random = randomNumbers(17);
const made = (name: string): Profile => profileFor(name, randomVoice(random));
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
const later = (days: number): void => {
  const now = Date.now() + days * DAY_MS;
  vi.spyOn(Date, 'now').mockReturnValue(now);
};

let folder: string;
let store: ProfileStore;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'whospeaks-retention-')), 'speakers');
  store = new ProfileStore({ folder });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(join(folder, '..'), { recursive: true });
});
const inFolder = (name: string): string[] =>
  existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [];

describe('a removed speaker', () => {
  test('comes back as it was, adaptations, recordings and all', async () => {
    await store.put(made('alice'), { recordings: [{ bytes: Uint8Array.of(9) }] });
    await store.adapt('alice', { vector: randomVoice(random), seconds: 6, probability: 1 });
    const before = await store.get('alice');
    await store.delete('alice');
    expect((await store.list()).profiles).toEqual([]);
    expect(await store.removed()).toMatchObject([{ name: 'alice' }]);
    await store.put(made('bob'));
    expect(await store.restore('ALICE')).toEqual(before);
    expect(await store.get('alice')).toEqual(before);
    expect((await store.recordings('alice')).map(({ bytes }) => [...bytes])).toEqual([[9]]);
    expect((await store.audit('alice')).map(({ action }) => action)).toEqual([
      'add',
      'adapt',
      'remove',
      'restore',
    ]);
  });

  test('is deleted for good when its time is over, whoever changes the store', async () => {
    await store.put(made('alice'), { recordings: [{ bytes: Uint8Array.of(9) }] });
    await store.delete('alice');
    later(6.9);
    await store.put(made('bob'));
    expect(await store.removed()).toHaveLength(1);
    later(0.2);
    expect(await store.removed()).toEqual([]);
    await store.put(made('carol'));
    expect([...inFolder('trash'), ...inFolder('recordings')]).toEqual([]);
    expect((await store.audit()).map(({ action, name }) => [action, name])).toEqual([
      ['add', 'bob'],
      ['add', 'carol'],
    ]);
    await expect(store.restore('alice')).rejects.toEqual(code('speaker-not-found'));
  });

  test('is deleted for good by a process that only watches', async () => {
    const short = new ProfileStore({ folder, trashDays: 1 / DAY_MS });
    await short.put(made('alice'));
    await short.delete('alice');
    expect(inFolder('trash')).toHaveLength(1);
    const end = store.watch(() => undefined);
    await expect.poll(() => inFolder('trash'), { timeout: 5000 }).toEqual([]);
    end();
  });

  test('is gone at once where the trash is kept for no time', async () => {
    const strict = new ProfileStore({ folder, trashDays: 0 });
    await strict.put(made('alice'));
    await strict.delete('alice');
    expect(inFolder('trash')).toEqual([]);
    expect((await strict.audit()).map(({ action }) => action)).toEqual(['erase']);
  });
});

describe('kept recordings', () => {
  test('are for their owner alone, and deleted when their time is over', async () => {
    const bytes = Uint8Array.of(1);
    await store.put(made('alice'), { recordings: [{ bytes, until: inDays(2) }, { bytes }] });
    expect(statSync(join(folder, 'recordings')).mode & 0o077).toBe(0);
    for (const file of inFolder('recordings'))
      expect(statSync(join(folder, 'recordings', file)).mode & 0o777).toBe(0o600);
    later(3);
    expect(await store.recordings('alice')).toHaveLength(1);
    await store.put(made('bob'));
    expect(inFolder('recordings')).toHaveLength(1);
  });

  test('that nobody has any more, as after a kill, are tidied; those of a damaged profile are not', async () => {
    await store.put(made('alice'), { recordings: [{ bytes: Uint8Array.of(1) }] });
    const litter = join(folder, 'recordings', `${'0'.repeat(16)}.0.audio`);
    writeFileSync(litter, 'x');
    await store.put(made('bob'));
    expect(inFolder('recordings')).toHaveLength(1);
    const [file] = readdirSync(folder).filter((name) => name === `${'a'.repeat(16)}.json`);
    expect(file).toBeUndefined();
    writeFileSync(litter, 'x');
    writeFileSync(join(folder, `${'a'.repeat(16)}.json`), '{');
    await store.put(made('carol'));
    expect(inFolder('recordings')).toHaveLength(2);
  });

  test('of a speaker that is replaced are deleted with the old voice', async () => {
    await store.put(made('alice'), { recordings: [{ bytes: Uint8Array.of(1) }] });
    await store.put(made('alice'), { replaces: 'alice', recordings: [{ bytes: Uint8Array.of(2) }] });
    expect((await store.recordings('alice')).map(({ bytes }) => [...bytes])).toEqual([[2]]);
    expect(inFolder('recordings')).toHaveLength(1);
  });
});

test('of changes of one speaker by many at once, none is lost', async () => {
  await store.put({ ...made('alice'), speechSeconds: 0 });
  const stores = Array.from({ length: 4 }, () => new ProfileStore({ folder }));
  await Promise.all(
    stores.flatMap((each) =>
      [1, 2, 3].map(() =>
        changeSpeaker(each, 'alice', (before) => ({ ...before, speechSeconds: before.speechSeconds + 1 })),
      ),
    ),
  );
  expect((await store.get('alice')).speechSeconds).toBe(12);
});
