import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProfileStore, type Profile } from '../../../src/speakers/index.js';
import { runProgram } from '../../helpers.js';
import { randomNumbers } from '../../random.js';
import { WhospeaksError } from '../../../src/errors.js';
import { StoreFolder } from '../../../src/speakers/store/store-folder.js';
import { profileToJson } from '../../../src/speakers/profile-file.js';
import { builtProgram } from '../../built-program.js';
import { CHILD, killWhileWriting } from './store-kills.js';
import { profileFor, randomVoice } from '../../tracker/synthetic.js';

const random = randomNumbers(7);
const made = (name: string): Profile => profileFor(name, randomVoice(random));
const realStringify = JSON.stringify.bind(JSON);
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

/** Each store gives its own ids. */
const anonymous = ({ id, ...profile }: Profile): Profile => profile;

let folder: string;
let store: ProfileStore;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'whospeaks-store-')), 'speakers');
  store = new ProfileStore({ folder });
});

afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true, force: true });
});

async function names(): Promise<string[]> {
  return (await store.list()).profiles.map(({ name }) => name);
}

async function fileOf(name: string): Promise<string> {
  for (const file of await readdir(folder)) {
    if (!/^[0-9a-f]{16}\.json$/.test(file)) continue;
    if ((JSON.parse(await readFile(join(folder, file), 'utf8')) as Profile).name === name)
      return join(folder, file);
  }
  throw new Error(`no file of ${name}`);
}

describe('speakers', () => {
  test('are added, listed by name, and read back bit for bit', async () => {
    const bob = made('Bob');
    await store.add(bob);
    await store.add(made('alice'));
    expect(await names()).toEqual(['alice', 'Bob']);
    const { createdAt, id, ...back } = await store.get('BOB');
    expect(back).toEqual(bob);
    expect(await fileOf('Bob')).toContain(id);
    expect(Date.parse(createdAt!)).toBeGreaterThan(0);
  });

  test('reading them takes work in proportion to how many there are', async () => {
    await mkdir(folder, { recursive: true });
    const text = JSON.stringify(profileToJson(made('speaker')));
    const count = 400;
    for (let i = 0; i < count; i++) {
      const file = join(folder, `${i.toString(16).padStart(16, '0')}.json`);
      await writeFile(file, text.replace('"speaker"', `"speaker ${i}"`));
    }
    const normalised = vi.spyOn(String.prototype, 'normalize');
    try {
      expect(await names()).toHaveLength(count);
      expect(normalised.mock.calls.length).toBeLessThan(10 * count);
    } finally {
      normalised.mockRestore();
    }
  });

  test('an empty or missing folder is an empty store', async () => {
    expect(await store.list()).toEqual({ profiles: [], damaged: [], warnings: [] });
    await expect(store.get('alice')).rejects.toEqual(code('speaker-not-found'));
  });

  test('names are unique whatever their case and form', async () => {
    await store.add(made('Zo\u00eb'));
    await expect(store.add(made('zoe\u0308'))).rejects.toEqual(code('speaker-exists'));
    await expect(store.assertFree('ZO\u00cb')).rejects.toEqual(code('speaker-exists'));
    await expect(store.add(made('a/b'))).rejects.toEqual(code('speaker-name'));
  });

  test('are renamed, also in case only', async () => {
    await store.add(made('alice'));
    await store.add(made('bob'));
    await store.rename('alice', 'Alice');
    await store.rename('Alice', 'carol');
    expect(await names()).toEqual(['bob', 'carol']);
    await expect(store.rename('bob', 'Carol')).rejects.toEqual(code('speaker-exists'));
    await expect(store.rename('nobody', 'dave')).rejects.toEqual(code('speaker-not-found'));
    await expect(store.rename('bob', 'unknown')).rejects.toEqual(code('speaker-name'));
  });

  test('that are erased are gone from the disk', async () => {
    await store.add(made('alice'));
    await store.delete('ALICE', { erase: true });
    expect(await names()).toEqual([]);
    expect(await readdir(folder)).toEqual(['audit.jsonl', 'index.json']);
    expect(await readFile(join(folder, 'index.json'), 'utf8')).not.toContain('alice');
    await expect(store.delete('alice')).rejects.toEqual(code('speaker-not-found'));
  });

  test('are in an index that people can read, and for their owner alone', async () => {
    await store.add(made('alice'));
    const index = await readFile(join(folder, 'index.json'), 'utf8');
    expect(JSON.parse(index)).toMatchObject({
      speakers: [{ name: 'alice', speechSeconds: 10, recordings: 1 }],
    });
    expect(index).not.toContain('centroid');
    expect((await stat(folder)).mode & 0o077).toBe(0);
    expect((await stat(await fileOf('alice'))).mode & 0o077).toBe(0);
  });

  test('WHOSPEAKS_HOME says where they are', () => {
    const before = process.env.WHOSPEAKS_HOME;
    try {
      process.env.WHOSPEAKS_HOME = '/somewhere';
      expect(new ProfileStore().folder).toBe('/somewhere/speakers');
      delete process.env.WHOSPEAKS_HOME;
      expect(new ProfileStore().folder).toMatch(/whospeaks.*speakers$/);
    } finally {
      if (before !== undefined) process.env.WHOSPEAKS_HOME = before;
    }
  });
});

describe('export and import', () => {
  test('carry speakers to another store', async () => {
    await store.add(made('alice'));
    await store.add(made('bob'));
    const file = join(folder, '..', 'out.json');
    expect(await store.export(file, ['bob'])).toEqual(['bob']);
    const other = new ProfileStore({ folder: join(folder, '..', 'other') });
    expect(await other.import(file)).toEqual(['bob']);
    expect(anonymous(await other.get('bob'))).toEqual(anonymous(await store.get('bob')));
    expect(await other.import(file)).toEqual([]);
    await expect(store.export(file, ['nobody'])).rejects.toEqual(code('speaker-not-found'));
  });

  test('a speaker named twice is exported once', async () => {
    const file = join(folder, '..', 'out.json');
    await store.add(made('alice'));
    expect(await store.export(file, ['alice', 'ALICE'])).toEqual(['alice']);
    const other = new ProfileStore({ folder: join(folder, '..', 'other') });
    expect(await other.import(file)).toEqual(['alice']);
  });

  test('an import that cannot be written to its end imports nothing', async () => {
    const file = join(folder, '..', 'out.json');
    const bob = made('bob');
    for (const profile of [made('alice'), { ...bob, exemplars: Array<Float32Array>(200).fill(bob.centroid) }])
      await store.add(profile);
    await store.export(file);
    const target = join(folder, '..', 'other');
    // No file may grow beyond 64 blocks of 512 bytes: the second does.
    const cli = `"${process.execPath}" dist/cli/main.js speakers import "${file}" --store "${target}"`;
    expect((await runProgram('sh', ['-c', `ulimit -f 64; ${cli}`])).code).not.toBe(0);
    expect((await readdir(target)).filter((name) => /^[0-9a-f]{16}\.json$/.test(name))).toEqual([]);
    const other = new ProfileStore({ folder: target });
    expect(await other.list()).toEqual({ profiles: [], damaged: [], warnings: [] });
    expect(await other.import(file)).toEqual(['alice', 'bob']);
    const files = await readdir(target);
    expect(files.filter((name) => name.startsWith('.') || /\.\d+$/.test(name))).toEqual([]);
    // Voiceprints are nobody else's to read.
    for (const name of files) expect((await stat(join(target, name))).mode & 0o077).toBe(0);
  });

  test('a lock that is lost on the way is told as that, with who was stored by then', async () => {
    const files = new StoreFolder(folder);
    await mkdir(folder, { recursive: true });
    const writes = ['alice', 'bob', 'carol'].map((name) => ({ file: files.newFile(), profile: made(name) }));
    let asked = 0;
    const assertHeld = (): void => {
      if (++asked === 3) throw new WhospeaksError('store-locked', 'somebody took the lock');
    };
    await expect(files.write(await files.read(), writes, assertHeld)).rejects.toMatchObject({
      code: 'store-locked',
      message: 'somebody took the lock; of all only alice, bob could be stored',
    });
  });

  test('a failure to write imports nothing, and leaves nothing behind', async () => {
    const file = join(folder, '..', 'out.json');
    await store.add(made('alice'));
    await store.add(made('bob'));
    await store.export(file);
    const other = new ProfileStore({ folder: join(folder, '..', 'other') });
    await other.add(made('carol'));
    const stringify = vi.spyOn(JSON, 'stringify').mockImplementation((value: unknown) => {
      // As little of the disk is left as a name needs.
      if ((value as Profile).name === 'bob') throw new Error('ENOSPC');
      return realStringify(value);
    });
    try {
      await expect(other.import(file)).rejects.toEqual(code('store-unwritable'));
    } finally {
      stringify.mockRestore();
    }
    expect((await other.list()).profiles.map(({ name }) => name)).toEqual(['carol']);
    expect((await readdir(other.folder)).filter((name) => /\.\d+$/.test(name))).toEqual([]);
  });

  test('a name that is taken stops it whole, or is skipped or replaced', async () => {
    const file = join(folder, '..', 'out.json');
    await store.add(made('alice'));
    await store.add(made('bob'));
    await store.export(file);
    const other = new ProfileStore({ folder: join(folder, '..', 'other') });
    const mine = await other.add(made('Bob'));
    await expect(other.import(file)).rejects.toEqual(code('speaker-exists'));
    expect((await other.list()).profiles).toEqual([mine]);
    expect(await other.import(file, { onConflict: 'skip' })).toEqual(['alice']);
    expect(await other.get('bob')).toEqual(mine);
    expect(await other.import(file, { onConflict: 'replace' })).toEqual(['bob']);
    expect(anonymous(await other.get('bob'))).toEqual(anonymous(await store.get('bob')));
  });

  test('files that are missing, not an export, or damaged are refused whole', async () => {
    const file = join(folder, '..', 'in.json');
    await expect(store.import(file)).rejects.toEqual(code('file-not-found'));
    for (const text of [
      '',
      '{',
      '{"speakers":[]}',
      '[]',
      '{"format":"whospeaks-speakers","speakers":[{"name":"x"}]}',
    ]) {
      await writeFile(file, text);
      await expect(store.import(file)).rejects.toEqual(code('store-corrupt'));
    }
    await store.add(made('alice'));
    await store.export(file);
    const twice = JSON.parse(await readFile(file, 'utf8')) as { speakers: unknown[] };
    twice.speakers.push(twice.speakers[0]);
    await writeFile(file, JSON.stringify(twice));
    await expect(store.import(file, { onConflict: 'replace' })).rejects.toThrow(/twice/);
    expect(await names()).toEqual(['alice']);
  });
});

describe('damage', () => {
  const faults: [string, (json: Record<string, unknown>) => unknown, RegExp][] = [
    ['not JSON', () => undefined, /JSON/],
    ['a later version', (json) => ({ ...json, version: 2 }), /version/],
    ['a dimension that lies', (json) => ({ ...json, dimension: 65 }), /expected 65 numbers, received 64/],
    ['a reserved name', (json) => ({ ...json, name: 'unknown' }), /reserved/],
    ['no fingerprint', (json) => ({ ...json, model: { name: 'x' } }), /fingerprint/],
    [
      'an embedding of zeros',
      (json) => ({ ...json, centroid: Buffer.alloc(256).toString('base64') }),
      /length 1/,
    ],
    [
      'NaN',
      (json) => ({ ...json, exemplars: [Buffer.alloc(256, 0xff).toString('base64')] }),
      /length 1, received NaN/,
    ],
  ];
  test.each(faults)(
    '%s: the file is reported by its speaker, the others survive',
    async (_, spoil, reason) => {
      await store.add(made('alice'));
      await store.add(made('bob'));
      const file = await fileOf('alice');
      const spoilt = spoil(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>);
      await writeFile(file, spoilt === undefined ? '{"version":1,' : JSON.stringify(spoilt));
      const { profiles, damaged } = await store.list();
      expect(profiles.map(({ name }) => name)).toEqual(['bob']);
      expect(damaged).toMatchObject([{ name: 'alice', reason: expect.stringMatching(reason) as string }]);
      await expect(store.get('alice')).rejects.toEqual(code('store-corrupt'));
      // Nothing is lost by what is written next, and the name stays taken until the user removes it.
      await store.add(made('carol'));
      expect((await store.list()).damaged[0]!.name).toBe('alice');
      await expect(store.add(made('Alice'))).rejects.toEqual(code('speaker-exists'));
      await store.delete('alice');
      expect(await store.list()).toMatchObject({
        profiles: [{ name: 'bob' }, { name: 'carol' }],
        damaged: [],
      });
    },
  );

  test('a truncated, emptied or lost index costs no speaker', async () => {
    await store.add(made('alice'));
    for (const text of ['', '{"speakers": [{"na', null]) {
      if (text === null) await rm(join(folder, 'index.json'));
      else await writeFile(join(folder, 'index.json'), text);
      expect(await names()).toEqual(['alice']);
    }
    await store.add(made('bob'));
    expect(await readFile(join(folder, 'index.json'), 'utf8')).toContain('alice');
  });

  test('two files of one name: the second is reported', async () => {
    await store.add(made('alice'));
    await writeFile(join(folder, 'ffffffffffffffff.json'), await readFile(await fileOf('alice')));
    const { profiles, damaged } = await store.list();
    expect(profiles).toHaveLength(1);
    expect(damaged[0]!.reason).toMatch(/is in [0-9a-f]{16}\.json too/);
  });

  test('a folder that cannot be one is store-unwritable', async () => {
    await writeFile(join(folder, '..', 'file'), '');
    const wrong = new ProfileStore({ folder: join(folder, '..', 'file', 'speakers') });
    await expect(wrong.add(made('alice'))).rejects.toEqual(code('store-unwritable'));
  });
});

describe('several writers', () => {
  const children: ChildProcess[] = [];
  const child = async (...args: string[]): Promise<ChildProcess> => {
    const started = spawn(process.execPath, [await builtProgram(CHILD), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(started);
    return started;
  };

  afterEach(() => {
    for (const started of children.splice(0)) started.kill('SIGKILL');
  });

  test('in two processes and one both succeed', async () => {
    const many = (prefix: string): string[] => Array.from({ length: 5 }, (_, i) => `${prefix}${i}`);
    const ends = ['a', 'b'].map(async (prefix) => once(await child('add', folder, ...many(prefix)), 'exit'));
    await Promise.all(many('c').map((name) => store.add(made(name))));
    for (const end of ends) expect((await end)[0]).toBe(0);
    expect(await names()).toEqual([...many('a'), ...many('b'), ...many('c')]);
  });

  test('a lock that is held is waited for no longer than asked', async () => {
    await store.add(made('alice'));
    await mkdir(join(folder, '.lock'));
    const impatient = new ProfileStore({ folder, lockWaitMs: 200 });
    await expect(impatient.add(made('bob'))).rejects.toEqual(code('store-locked'));
    expect(await names()).toEqual(['alice']);
  });

  test('killed at any moment, nothing that was stored is lost and the lock is taken over', async () => {
    await store.add(made('alice'));
    await store.add(made('bob'));
    const kept = await Promise.all(['alice', 'bob'].map((name) => store.get(name)));
    const { changes } = await killWhileWriting(folder, { kills: 4, mostMs: 30, random: randomNumbers(3) });
    expect(changes).toBeGreaterThan(4);
    const { profiles, damaged } = await store.list();
    expect(damaged).toEqual([]);
    expect(profiles.filter(({ name }) => !name.startsWith('churn'))).toEqual(kept);
    await new ProfileStore({ folder, staleLockMs: 2000 }).add(made('carol'));
    expect(await names()).toContain('carol');
    const litter = (await readdir(folder)).filter(
      (file) => !/^((index|[0-9a-f]{16})\.json|audit\.jsonl|trash)$/.test(file),
    );
    expect(litter).toEqual([]);
  });
});

describe('what was learnt later', () => {
  const taught = (seconds: number) => ({ vector: randomVoice(random), seconds, probability: 0.99 });

  test('lies beside the enrolment, is capped, and can be undone, with a trail', async () => {
    const bob = made('bob');
    await store.add(bob);
    for (let i = 1; i <= 10; i++) await store.adapt('bob', taught(i));
    const after = await store.get('bob');
    expect(after.centroid).toEqual(bob.centroid);
    expect(after.exemplars).toEqual(bob.exemplars);
    expect(after.adaptations!.map(({ seconds }) => seconds)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await store.undoAdaptations('bob', 2)).toBe(2);
    expect((await store.get('bob')).adaptations!.at(-1)!.seconds).toBe(8);
    expect(await store.undoAdaptations('bob')).toBe(6);
    expect(await store.get('bob')).toMatchObject(bob);
    expect(await store.undoAdaptations('bob')).toBe(0);
    const trail = (await readFile(join(folder, 'audit.jsonl'), 'utf8')).trim().split('\n');
    const actions = trail.map((line) => (JSON.parse(line) as { action: string }).action);
    expect(actions).toEqual(['add', ...Array<string>(10).fill('adapt'), 'undo', 'undo']);
    await expect(store.adapt('eve', taught(6))).rejects.toEqual(code('speaker-not-found'));
  });
});
