import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ProfileStore, type SpeakerStore } from '../../src/index.js';
import { speakerStoreContract } from '../../src/testing/index.js';
import { MemoryStore } from './memory-store.js';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const open = (folder: string, key?: string): ProfileStore =>
  new ProfileStore({ folder, ...(key && { key }) });
const key = Buffer.alloc(32, 7).toString('base64');

describe.each([
  ['the folder of files', undefined],
  ['the folder of files, encrypted', key],
])('%s', (_, secret) => {
  const cases = speakerStoreContract(
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'whospeaks-contract-'));
      folders.push(folder);
      return open(folder, secret);
    },
    (store) => open(store.folder, secret),
  );
  for (const { name, run } of cases) it(name, run);
});

describe('a store of the six methods alone, in memory', () => {
  for (const { name, run } of speakerStoreContract(() => new MemoryStore())) it(name, run);
});

describe('the contract', () => {
  const wrongs: [string, (store: MemoryStore) => Partial<SpeakerStore>][] = [
    ['replaces unasked', (store) => ({ put: (profile) => store.put(profile, { replaces: profile.name }) })],
    ['tells nobody', () => ({ watch: () => () => undefined })],
    ['forgets who', () => ({ audit: () => Promise.resolve([]) })],
    ['removes nothing', () => ({ delete: () => Promise.resolve() })],
    ['lists nobody', () => ({ list: () => Promise.resolve({ profiles: [], damaged: [], warnings: [] }) })],
  ];
  it.each(wrongs)('fails a store that %s', async (_, spoil) => {
    const spoilt = (): SpeakerStore => {
      const store = new MemoryStore();
      const bound: SpeakerStore = {
        list: () => store.list(),
        get: (name) => store.get(name),
        put: (profile, options) => store.put(profile, options),
        delete: (name, options) => store.delete(name, options),
        watch: (onChange) => store.watch(onChange),
        audit: (name) => store.audit(name),
      };
      return { ...bound, ...spoil(store) };
    };
    const results = await Promise.allSettled(speakerStoreContract(spoilt).map(({ run }) => run()));
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });
});
