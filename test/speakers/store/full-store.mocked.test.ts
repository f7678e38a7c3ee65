import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { ProfileStore, type Profile } from '../../../src/speakers/index.js';
import type { Adaptation } from '../../../src/speakers/profile.js';
import { randomNumbers } from '../../random.js';
import { profileFor, randomVoice } from '../../tracker/synthetic.js';

const disk = vi.hoisted(() => ({ free: Infinity }));
vi.mock('node:fs/promises', async (original) =>
  (await import('../../small-disk.js')).smallDisk(disk, original),
);

const random = randomNumbers(11);
const made = (name: string): Profile => profileFor(name, randomVoice(random));
const learnt = (): Adaptation => ({ vector: randomVoice(random), seconds: 6, probability: 1 });
const root = mkdtempSync(join(tmpdir(), 'whospeaks-full-'));
afterEach(() => {
  disk.free = Infinity;
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** More than any of the changes below writes. */
const PLENTY = 8000;
/** A prime: the steps meet no boundary of the files again and again. */
const STEP = 307;

const changes: [string, (store: ProfileStore, out: string) => Promise<unknown>][] = [
  ['add', (store) => store.add(made('carol'))],
  ['put', (store) => store.put(made('alice'), { replaces: 'alice' })],
  ['rename', (store) => store.rename('alice', 'alexandra')],
  ['adapt', (store) => store.adapt('alice', learnt())],
  ['import', (store) => store.import(join(root, 'in.json'), { onConflict: 'replace' })],
  ['export', (store, out) => store.export(out)],
];

test.each(changes)('a full disk fails `%s`, and loses nothing', async (name, change) => {
  const other = new ProfileStore({ folder: join(root, `other-${name}`) });
  for (const speaker of ['alice', 'dora']) await other.add(made(speaker));
  await other.export(join(root, 'in.json'));
  const folder = join(root, name);
  const out = join(root, `${name}.json`);
  let store = new ProfileStore({ folder });
  for (const speaker of ['alice', 'bob']) await store.add(made(speaker));
  await store.adapt('alice', learnt());
  await store.export(out);
  let failures = 0;
  for (let free = 0; free <= PLENTY; free += STEP) {
    const seen = (): unknown[] =>
      readdirSync(folder)
        .map((file) => [file, readFileSync(join(folder, file), 'utf8')])
        .concat([[out, readFileSync(out, 'utf8')]]);
    const before = seen();
    disk.free = free;
    const fault = await change(store, out).then(
      () => undefined,
      (error: unknown) => error,
    );
    disk.free = Infinity;
    store = new ProfileStore({ folder });
    if (fault === undefined) {
      expect((await store.list()).damaged).toEqual([]);
      break;
    }
    failures++;
    expect(fault).toMatchObject({ code: 'store-unwritable' });
    expect(seen(), `${free} bytes free`).toEqual(before);
  }
  expect(failures).toBeGreaterThan(3);
  expect(failures * STEP).toBeLessThan(PLENTY);
});

test.each([true, false])('a speaker is removed from a full disk, name and all (erase: %s)', async (erase) => {
  const folder = join(root, `remove-${erase}`);
  const store = new ProfileStore({ folder });
  for (const speaker of ['alice', 'bob']) await store.add(made(speaker));
  disk.free = 0;
  await store.delete('alice', { erase });
  disk.free = Infinity;
  expect((await store.list()).profiles.map(({ name }) => name)).toEqual(['bob']);
  for (const file of readdirSync(folder).filter((name) => name !== 'trash'))
    expect(readFileSync(join(folder, file), 'utf8')).not.toContain('alice');
  if (!erase) expect((await store.restore('alice')).name).toBe('alice');
});
