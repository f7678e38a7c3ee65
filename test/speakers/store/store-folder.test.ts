import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProfileStore, SpeakerIndex, type Profile } from '../../../src/speakers/index.js';
import { profileToJson } from '../../../src/speakers/profile-file.js';
import { randomNumbers } from '../../random.js';
import { DIMENSION, profileFor, randomVoice } from '../../tracker/synthetic.js';

const random = randomNumbers(5);
const made = (name: string): Profile => profileFor(name, randomVoice(random));
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const textOf = (profile: Profile): string => JSON.stringify(profileToJson(profile));

let root: string;
let folder: string;
let store: ProfileStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'whospeaks-folder-'));
  folder = join(root, 'speakers');
  mkdirSync(folder, { mode: 0o700 });
  store = new ProfileStore({ folder });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const file = (digit: string): string => join(folder, `${digit.repeat(16)}.json`);
const put = (digit: string, profile: Profile): void => {
  writeFileSync(file(digit), textOf(profile), { mode: 0o600 });
};
const names = async (): Promise<string[]> => (await store.list()).profiles.map(({ name }) => name);

describe.skipIf(process.platform === 'win32')('what is no file of its own in the folder', () => {
  const told = [
    { name: `${'0'.repeat(16)}.json`, reason: expect.stringContaining('no regular file') as string },
  ];

  test.each([
    ['a pipe', () => execFileSync('mkfifo', [file('0')])],
    [
      'a folder',
      () => {
        mkdirSync(file('0'));
      },
    ],
    [
      'a link to a device',
      () => {
        symlinkSync('/dev/zero', file('0'));
      },
    ],
    [
      'a link that leads out',
      () => {
        symlinkSync(join(root, 'out.json'), file('0'));
      },
    ],
    [
      'a link to another profile',
      () => {
        symlinkSync(file('1'), file('0'));
      },
    ],
    [
      'a link that leads nowhere',
      () => {
        symlinkSync(join(root, 'none'), file('0'));
      },
    ],
  ])('%s is told and not read', async (_, make) => {
    put('1', made('alice'));
    writeFileSync(join(root, 'out.json'), textOf(made('mallory')));
    make();
    expect(await store.list()).toMatchObject({ profiles: [{ name: 'alice' }], damaged: told });
    await store.add(made('bob'));
    expect(await names()).toEqual(['alice', 'bob']);
    expect(readFileSync(join(root, 'out.json'), 'utf8')).toContain('mallory');
  });

  test('a socket is told and not read', async () => {
    const server = createServer().listen(file('0'));
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      expect((await store.list()).damaged).toMatchObject(told);
    } finally {
      server.close();
    }
  });

  test('a summary or a trail that is a pipe or a link hangs nothing, and leads nowhere', async () => {
    put('1', made('alice'));
    writeFileSync(file('2'), '{');
    const outside = join(root, 'outside');
    for (const name of ['index.json', 'audit.jsonl']) {
      rmSync(join(folder, name), { force: true });
      execFileSync('mkfifo', [join(folder, name)]);
      const learnt = store.adapt('alice', { vector: randomVoice(random), seconds: 6, probability: 1 });
      if (name === 'audit.jsonl') await expect(learnt).rejects.toEqual(code('store-unwritable'));
      else await learnt;
      rmSync(join(folder, name));
      writeFileSync(outside, 'mine');
      symlinkSync(outside, join(folder, name));
      await store
        .adapt('alice', { vector: randomVoice(random), seconds: 6, probability: 1 })
        .catch(() => undefined);
      expect(readFileSync(outside, 'utf8')).toBe('mine');
    }
    expect(await names()).toEqual(['alice']);
  });
});

describe.skipIf(process.platform === 'win32')('who else may read voiceprints', () => {
  test('is told, with the command that ends it', async () => {
    put('1', made('alice'));
    expect((await store.list()).warnings).toEqual([]);
    chmodSync(folder, 0o777);
    chmodSync(file('1'), 0o644);
    expect((await store.list()).warnings).toEqual([
      {
        code: 'store-exposed',
        message: `the speaker store ${folder} is open to other users of this machine (mode 777); close it: chmod 700 "${folder}"`,
      },
      {
        code: 'store-exposed',
        message: `the voiceprint ${'1'.repeat(16)}.json in ${folder} is open to other users of this machine (mode 644); close it: chmod 600 "${folder}"/*.json`,
      },
    ]);
    chmodSync(folder, 0o700);
    await store.rename('alice', 'anna');
    expect((await store.list()).warnings).toEqual([]);
  });
});

describe('names that an earlier version took', () => {
  test.each(['.', '..', '%2E'])(
    '%s is listed, found, renamed and removed, and not taken anew',
    async (name) => {
      put('1', made(name));
      put('2', made('bob'));
      expect(await names()).toEqual([name, 'bob']);
      new SpeakerIndex({ model: made('x').model, dimension: DIMENSION }).add((await store.list()).profiles);
      await store.adapt(name, { vector: randomVoice(random), seconds: 6, probability: 1 });
      await expect(store.add(made(name))).rejects.toEqual(code('speaker-name'));
      const exported = join(root, 'out.json');
      await store.export(exported);
      const other = new ProfileStore({ folder: join(root, 'other') });
      await expect(other.import(exported)).rejects.toEqual(code('speaker-name'));
      await store.rename(name, 'dot');
      expect(await names()).toEqual(['bob', 'dot']);
      put('3', made(name));
      await store.delete(name);
      expect(await names()).toEqual(['bob', 'dot']);
    },
  );
});

describe('a name that was removed', () => {
  test('is in no file of the folder', async () => {
    for (const name of ['zacharias', 'bob']) await store.add(made(name));
    for (let i = 0; i < 2; i++)
      await store.adapt('zacharias', { vector: randomVoice(random), seconds: 6, probability: 1 });
    await store.undoAdaptations('zacharias', 1);
    // What a writer that was killed left.
    writeFileSync(`${file('9')}.123`, textOf(made('zacharias')));
    await store.delete('zacharias');
    await store.add(made('zacharias'));
    await store.delete('zacharias', { erase: true });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    for (const { name, parentPath } of files)
      expect(readFileSync(join(parentPath, name), 'utf8'), name).not.toContain('zacharias');
    expect((await store.audit()).map(({ action, name }) => [action, name])).toEqual([
      ['add', 'bob'],
      ['erase', undefined],
    ]);
  });
});

describe('a bound on speakers', () => {
  test('refuses what is new, and nothing else', async () => {
    const small = new ProfileStore({ folder, maxSpeakers: 2 });
    await small.add(made('alice'));
    await small.add(made('bob'));
    await expect(small.add(made('carol'))).rejects.toEqual(code('store-full'));
    await expect(small.put(made('carol'), { replaces: 'carol' })).rejects.toThrow(
      /there are 2 speakers, and 2 is the most/,
    );
    await small.put(made('alice'), { replaces: 'alice' });
    await small.rename('bob', 'carol');
    await small.delete('alice');
    // What is damaged takes a place too.
    writeFileSync(file('1'), '{');
    await expect(small.add(made('dora'))).rejects.toEqual(code('store-full'));
  });
});

describe('profiles that were read', () => {
  const many = 60;
  const fill = (): void => {
    for (let i = 0; i < many; i++) {
      const path = join(folder, `${i.toString(16).padStart(16, '0')}.json`);
      writeFileSync(path, textOf(made(`speaker ${i}`)), { mode: 0o600 });
    }
  };
  const later = (ms: number): void => {
    const now = Date.now() + ms;
    vi.spyOn(Date, 'now').mockReturnValue(now);
  };

  test('are read once for a change, and not again for the next', async () => {
    fill();
    later(10_000);
    const parse = vi.spyOn(JSON, 'parse');
    await store.put(made('speaker 1'), { replaces: 'speaker 1' });
    expect(parse.mock.calls.length).toBe(many);
    parse.mockClear();
    await store.put(made('speaker 1'), { replaces: 'speaker 1' });
    await store.list();
    // The one that was written before, and the one that was written now.
    expect(parse.mock.calls.length).toBeLessThanOrEqual(4);
    expect(await names()).toHaveLength(many);
  });

  test('are read again where another program changed, replaced or removed them', async () => {
    fill();
    later(10_000);
    const [first, second, third] = ['0', '1', '2'].map((digit) =>
      join(folder, `${digit.padStart(16, '0')}.json`),
    );
    expect(await names()).toContain('speaker 0');
    writeFileSync(first!, textOf(made('speaker A')));
    // Of the same size and time, but another file.
    writeFileSync(join(root, 'new'), textOf(made('speaker B')));
    utimesSync(join(root, 'new'), new Date(5000), new Date(5000));
    utimesSync(second!, new Date(5000), new Date(5000));
    renameSync(join(root, 'new'), second!);
    rmSync(third!);
    const now = await names();
    expect(now).toHaveLength(many - 1);
    expect(now).toEqual(expect.arrayContaining(['speaker A', 'speaker B']));
    writeFileSync(first!, '{');
    expect((await store.list()).damaged).toHaveLength(1);
    writeFileSync(first!, textOf(made('speaker C')));
    expect(await store.list()).toMatchObject({ damaged: [] });
  });

  test('are read again where they changed within a tick of the clock of the file system', async () => {
    for (let i = 0; i < 200; i++) {
      const name = `speaker ${100 + i}`;
      put('1', made(name));
      expect(await names()).toEqual([name]);
    }
    // Where ticks are too short to be met: what changed a moment ago is not trusted to have changed for the last time.
    const parse = vi.spyOn(JSON, 'parse');
    await names();
    expect(parse).toHaveBeenCalledOnce();
  });

  test('and changed by the one who asked, do not get into the store so', async () => {
    await store.add(made('alice'));
    await store.add(made('bob'));
    later(10_000);
    await store.list();
    const { centroid } = await store.get('alice');
    const before = new ProfileStore({ folder });
    const kept = (await before.get('alice')).centroid;
    centroid.fill(1);
    await store.rename('alice', 'anna');
    await store.adapt('anna', { vector: randomVoice(random), seconds: 6, probability: 1 });
    expect((await new ProfileStore({ folder }).get('anna')).centroid).toEqual(kept);
    (await store.get('bob')).centroid.fill(1);
    await store.export(join(root, 'out.json'));
    const other = new ProfileStore({ folder: join(root, 'other') });
    expect(await other.import(join(root, 'out.json'))).toEqual(['anna', 'bob']);
  });
});
