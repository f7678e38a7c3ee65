import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProfileStore, type Profile } from '../../../src/index.js';
import { keySource } from '../../../src/speakers/store/key-source.js';
import { Keys } from '../../../src/speakers/store/sealed.js';
import { randomNumbers } from '../../random.js';
import { profileFor, randomVoice } from '../../tracker/synthetic.js';

const random = randomNumbers(13);
const made = (name: string): Profile => profileFor(name, randomVoice(random));
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const names = async (store: ProfileStore): Promise<string[]> =>
  (await store.list()).profiles.map(({ name }) => name);

let root: string;
let folder: string;
let keyFile: string;
const [first, second] = [Keys.make(), Keys.make()];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'whospeaks-sealed-'));
  folder = join(root, 'speakers');
  keyFile = join(root, 'keys');
  writeFileSync(keyFile, `${first}\n`);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Every file of the store but the audit trail, which has neither names nor voiceprints. */
const files = (): { name: string; path: string; text: string }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && each.name !== 'audit.jsonl')
    .map(({ name, parentPath }) => ({ name, path: join(parentPath, name) }))
    .map((each) => ({ ...each, text: readFileSync(each.path, 'latin1') }));

describe('a store with a key', () => {
  test('has neither names nor voiceprints nor sound in the clear, in the trash neither', async () => {
    const store = new ProfileStore({ folder, keyFile });
    await store.put(made('zacharias'), { recordings: [{ bytes: Buffer.from('RIFF of zacharias') }] });
    await store.put(made('yolanda'));
    await store.delete('yolanda');
    expect(files().length).toBe(4);
    for (const { text } of files()) {
      expect(text).toMatch(/^whospeaks-sealed-1 [0-9a-f]{16}\n/);
      expect(text).not.toMatch(/zacharias|yolanda|centroid|RIFF/);
    }
    expect(readFileSync(join(folder, 'audit.jsonl'), 'utf8')).not.toMatch(/zacharias|yolanda/);
    const again = new ProfileStore({ folder, key: first });
    expect(await names(again)).toEqual(['zacharias']);
    expect(Buffer.from((await again.recordings('zacharias'))[0]!.bytes).toString()).toBe('RIFF of zacharias');
    expect((await again.restore('yolanda')).name).toBe('yolanda');
  });

  test('without the key it is refused as a whole, and nothing is written in the clear', async () => {
    const store = new ProfileStore({ folder, keyFile });
    await store.put(made('alice'));
    const before = files();
    const without = new ProfileStore({ folder });
    await expect(without.list()).rejects.toEqual(code('store-key'));
    await expect(without.put(made('bob'))).rejects.toEqual(code('store-key'));
    expect(files()).toEqual(before);
    const wrong = new ProfileStore({ folder, key: second });
    expect(await wrong.list()).toMatchObject({
      profiles: [],
      damaged: [
        {
          reason: expect.stringMatching(
            /encrypted with key [0-9a-f]{16}, which is not among those given/,
          ) as string,
        },
      ],
    });
    rmSync(keyFile);
    await expect(store.list()).rejects.toEqual(code('store-key'));
  });

  test('a file that was changed, or put in the place of another, is damaged', async () => {
    const store = new ProfileStore({ folder, keyFile });
    for (const name of ['alice', 'bob']) await store.put(made(name));
    const [one, other] = files().filter(({ name }) => name !== 'index.json');
    cpSync(one!.path, other!.path);
    expect((await store.list()).damaged).toMatchObject([
      { reason: expect.stringContaining('changed') as string },
    ]);
    const bytes = readFileSync(one!.path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(one!.path, bytes);
    expect((await store.list()).damaged).toHaveLength(2);
    // Damaged ones are told by name still: the summary can be read.
    expect((await store.list()).damaged.map(({ name }) => name).sort()).toEqual(['alice', 'bob']);
  });

  test('speakers of before the key are read, told, and encrypted by `reseal`', async () => {
    await new ProfileStore({ folder }).put(made('alice'));
    const store = new ProfileStore({ folder, keyFile });
    await store.put(made('bob'));
    expect(await names(store)).toEqual(['alice', 'bob']);
    expect((await store.list()).warnings).toEqual([code('store-unencrypted')]);
    expect(await store.reseal()).toEqual({ resealed: 1, failed: [] });
    expect((await store.list()).warnings).toEqual([]);
    for (const { text } of files()) expect(text).not.toContain('alice');
  });

  test('is rotated to a new key while another process reads it', async () => {
    const store = new ProfileStore({ folder, keyFile });
    await store.put(made('alice'), { recordings: [{ bytes: Uint8Array.of(1, 2, 3) }] });
    await store.put(made('bob'));
    await store.delete('bob');
    const running = new ProfileStore({ folder, keyFile });
    expect(await names(running)).toEqual(['alice']);
    writeFileSync(keyFile, `${second} # new\n${first}\n`);
    expect(await running.reseal()).toEqual({ resealed: 3, failed: [] });
    writeFileSync(keyFile, `${second}\n`);
    expect(await names(running)).toEqual(['alice']);
    expect(await names(store)).toEqual(['alice']);
    expect((await running.recordings('alice'))[0]!.bytes).toEqual(Buffer.of(1, 2, 3));
    expect((await running.restore('bob')).name).toBe('bob');
    expect((await new ProfileStore({ folder, key: first }).list()).damaged).toHaveLength(2);
  });

  test('what a killed rotation left half done is done by the next', async () => {
    const store = new ProfileStore({ folder, keyFile });
    for (const name of ['alice', 'bob']) await store.put(made(name));
    const [one] = files().filter(({ name }) => name !== 'index.json');
    const old = readFileSync(one!.path);
    writeFileSync(keyFile, `${second}\n${first}\n`);
    await store.reseal();
    writeFileSync(one!.path, old);
    expect(await names(store)).toEqual(['alice', 'bob']);
    expect(await store.reseal()).toEqual({ resealed: 1, failed: [] });
    writeFileSync(keyFile, second);
    expect(await names(store)).toEqual(['alice', 'bob']);
  });
});

describe('keys', () => {
  test.each(['', 'x', Buffer.alloc(31).toString('base64'), `${first}\nshort`])('%j is none', async (text) => {
    writeFileSync(keyFile, text);
    await expect(keySource({ keyFile }, {})()).rejects.toEqual(code('store-key'));
  });

  test('come from the option, the environment, or a file that it names', async () => {
    const id = (await keySource({ key: first }, {})()).currentId;
    const hex = Buffer.from(first, 'base64').toString('hex');
    for (const env of [
      { WHOSPEAKS_STORE_KEY: first },
      { WHOSPEAKS_STORE_KEY: `${hex},${second}` },
      { WHOSPEAKS_STORE_KEY_FILE: keyFile },
    ])
      expect((await keySource({}, env)()).currentId).toBe(id);
    expect((await keySource({}, { WHOSPEAKS_STORE_KEY: '' })()).currentId).toBeNull();
    expect((await keySource({ key: second }, { WHOSPEAKS_STORE_KEY: first })()).currentId).not.toBe(id);
    renameSync(keyFile, `${keyFile}.gone`);
    await expect(keySource({ keyFile }, {})()).rejects.toThrow(/cannot read the key file/);
  });
});
