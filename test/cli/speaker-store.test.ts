import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProfileStore } from '../../src/index.js';
import { voicePart } from '../server/voice-part.js';
import { runHere } from '../cli-in-process.js';
import { AUDIO, ROOT, whospeaks, type Ran } from '../helpers.js';

const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-cli-store-'));
let store: string;
let number = 0;
beforeEach(() => {
  store = join(scratch, `store-${++number}`);
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const speakers = (...args: string[]): Promise<Ran> => runHere(['speakers', ...args, '--store', store]);
const parts = [0, 4, 8].map((from) => {
  const file = join(scratch, `alice-${from}.wav`);
  writeFileSync(file, voicePart('alice', 4, from));
  return file;
});
interface Shown {
  readonly recordings: number;
  readonly usable: boolean;
  readonly keptRecordings: readonly { readonly until?: string }[];
  readonly changes: readonly { readonly action: string; readonly by?: string }[];
}
const show = async (name: string, ...args: string[]): Promise<Shown> =>
  JSON.parse((await speakers('show', name, '--json', ...args)).stdout) as Shown;

describe('speakers add', () => {
  it('replaces nobody unasked, adds and replaces as asked, and keeps audio as asked', async () => {
    expect((await speakers('add', 'alice', parts[0]!, '--keep-audio', '30')).code).toBe(0);
    const refused = await speakers('add', 'Alice', parts[1]!);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toMatch(/--replace\).*--append\) \[speaker-exists\]/);
    const added = await speakers('add', 'alice', parts[1]!, '--append');
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^added to alice: \d+\.\d s of speech from 2 recordings/) as string,
    });
    const shown = await show('alice');
    expect(shown).toMatchObject({ recordings: 2, usable: true });
    // The second recording was not to be kept.
    expect(shown.keptRecordings).toHaveLength(1);
    expect(Math.round((Date.parse(shown.keptRecordings[0]!.until!) - Date.now()) / 86_400_000)).toBe(30);
    expect(shown.changes.map(({ action, by }) => `${action} ${by!}`)).toEqual([
      'add command line',
      'replace command line',
    ]);
    const replaced = await speakers('add', 'alice', parts[2]!, '--replace');
    expect(replaced.stdout).toMatch(/^replaced alice: .* from 1 recording,/);
    expect((await show('alice')).keptRecordings).toEqual([]);
    expect(await speakers('add', 'eve', parts[0]!, '--append')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('[speaker-not-found]') as string,
    });
    expect((await speakers('add', 'alice', parts[0]!, '--append', '--replace')).code).toBe(2);
    const text = (await speakers('show', 'alice')).stdout;
    expect(text).toMatch(/^alice\n {2}id +[0-9a-f]{16}\n {2}enrolled +\d{4}-.*1 recording\n/);
    expect(text).toMatch(/most alike +nobody stored/);
  });
});

describe('speakers remove', () => {
  it('is undone by restore, and final with --erase', async () => {
    await speakers('add', 'alice', parts[0]!);
    const removed = await speakers('remove', 'alice');
    expect(removed.stdout).toMatch(/^removed alice; until .* whospeaks speakers restore alice\n$/);
    expect((await speakers('list')).stdout).toMatch(/^no speakers/);
    expect((await speakers('restore')).stdout).toMatch(/^alice: removed .*, deleted for good /);
    expect((await speakers('restore', 'alice')).stdout).toBe('restored alice\n');
    expect((await speakers('audit')).stdout.trim().split('\n')).toHaveLength(3);
    expect((await speakers('remove', 'alice', '--erase')).stdout).toBe('erased alice\n');
    expect(await speakers('restore', 'alice')).toMatchObject({ code: 5 });
    expect((await speakers('audit')).stdout).toMatch(/^\S+ {2}erase by command line\n$/);
  });
});

describe('after a change of model', () => {
  /** The bundled network with a bit of its weights changed: another model. */
  const otherModel = join(scratch, 'other');
  beforeAll(() => {
    cpSync(join(ROOT, 'models'), otherModel, { recursive: true });
    const file = join(otherModel, 'model.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 4]! ^= 1;
    writeFileSync(file, bytes);
  });

  it('list marks whom it cannot name, listen goes on with the others, upgrade makes them again or says whom to enrol', async () => {
    await speakers('add', 'alice', `${AUDIO}/alice.wav`, '--keep-audio');
    const bobs = join(scratch, 'bob.wav');
    writeFileSync(bobs, voicePart('bob'));
    await speakers('add', 'bob', bobs);
    const other = ['--model', otherModel];
    const list = await speakers('list', ...other);
    expect(list.code).toBe(0);
    expect(list.stdout.match(/, not usable with the model in use$/gm)).toHaveLength(2);
    expect(list.stderr).toMatch(/cannot name alice, bob: .*speakers upgrade.*\[model-mismatch\]/);
    expect((await show('alice', ...other)).usable).toBe(false);

    const upgraded = await speakers('upgrade', ...other);
    expect(upgraded.code).toBe(5);
    expect(upgraded.stdout).toMatch(/^upgraded alice from .* to .*\n$/);
    expect(upgraded.stderr).toMatch(/enrol again, .*: bob .*--replace.*\[model-mismatch\]/);
    const after = new ProfileStore({ folder: store });
    const [alice, bob] = (await after.list()).profiles;
    expect(alice!.model.fingerprint).not.toBe(bob!.model.fingerprint);
    expect(alice!.recordings).toBe(1);
    expect(await after.recordings('alice')).toHaveLength(1);

    const heard = await runHere(['listen', `${AUDIO}/meeting.wav`, '--store', store, ...other]);
    expect(heard.code).toBe(0);
    expect(heard.stderr).toMatch(/left out, for another model .* enrolled them: bob; .*\[model-mismatch\]/);
    expect(heard.stdout).toContain('alice');
    expect(heard.stdout).not.toContain('bob');
    expect((await speakers('upgrade', 'alice', ...other)).stdout).toMatch(/^all speakers are of the model/);
  });
});

describe('a store of one’s own', () => {
  it('is what --store exports, for speakers and listen', async () => {
    const module = join(scratch, `own-${number}.mjs`);
    const data = join(scratch, `data-${number}`);
    writeFileSync(
      module,
      `import { ProfileStore } from ${JSON.stringify(join(ROOT, 'dist/index.js'))};
       const files = new ProfileStore({ folder: ${JSON.stringify(data)} });
       // The six methods alone, as of a database.
       export default () => ({
         list: () => files.list(), get: (name) => files.get(name), watch: (f) => files.watch(f),
         put: (profile, options) => files.put(profile, options), audit: (name) => files.audit(name),
         delete: (name, options) => files.delete(name, { ...options, erase: true }),
       });`,
    );
    store = module;
    // In a program of its own once, as a user has it.
    expect((await whospeaks(['speakers', 'add', 'alice', parts[0]!, '--store', store])).code).toBe(0);
    const own = speakers;
    expect((await new ProfileStore({ folder: data }).list()).profiles.map(({ name }) => name)).toEqual([
      'alice',
    ]);
    expect((await own('list')).stdout).toMatch(/^alice: /);
    const heard = await runHere(['listen', `${AUDIO}/meeting.wav`, '--store', module]);
    expect(heard.stdout).toContain('alice');
    expect((await own('add', 'bob', parts[0]!, '--keep-audio')).stderr).toContain('keeps no recordings');
    expect((await own('export', join(scratch, 'x.json'))).code).toBe(2);
    expect((await own('remove', 'alice')).stdout).toBe('removed alice\n');
    expect((await own('restore', 'alice')).code).toBe(2);
    writeFileSync(join(scratch, 'none.mjs'), 'export default {}');
    store = join(scratch, 'none.mjs');
    expect((await own('list')).stderr).toMatch(/exports no SpeakerStore.*\[invalid-option\]/);
  });
});

describe('speakers rotate-key', () => {
  it('encrypts a folder, changes the key, and leaves nobody out', async () => {
    const keyFile = join(scratch, `keys-${number}`);
    await speakers('add', 'alice', parts[0]!, '--keep-audio');
    const first = await speakers('rotate-key', '--key-file', keyFile);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^encrypted 2 files/) as string });
    const key = readFileSync(keyFile, 'utf8');
    expect(await speakers('list')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('[store-key]') as string,
    });
    expect((await speakers('list', '--key-file', keyFile)).stdout).toMatch(/^alice: /);
    expect((await speakers('rotate-key', '--key-file', keyFile)).code).toBe(0);
    expect(readFileSync(keyFile, 'utf8')).not.toBe(key);
    expect(readFileSync(keyFile, 'utf8').trim().split('\n')).toHaveLength(1);
    writeFileSync(`${keyFile}-old`, key);
    const { stderr } = await speakers('list', '--key-file', `${keyFile}-old`);
    expect(stderr).toMatch(/cannot be read .* not among those given .*; if that cannot be mended, remove it/);
    const env = { WHOSPEAKS_STORE_KEY_FILE: keyFile };
    const listed = await runHere(['speakers', 'list', '--store', store], { env });
    expect(listed.stdout).toMatch(/^alice: /);
    for (const file of readdirSync(store).filter((each) => each.endsWith('.json')))
      expect(readFileSync(join(store, file), 'latin1')).toMatch(/^whospeaks-sealed-1 /);
  });
});
