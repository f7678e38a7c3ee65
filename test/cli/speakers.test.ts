import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runHere } from '../cli-in-process.js';
import { AUDIO } from '../helpers.js';

const scratch = mkdtempSync(join(tmpdir(), 'whospeaks-speakers-'));
const store = join(scratch, 'store');

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const speakers = (...args: string[]): ReturnType<typeof runHere> =>
  runHere(['speakers', ...args, '--store', store]);

async function names(): Promise<string[]> {
  const { stdout } = await speakers('list', '--json');
  return (JSON.parse(stdout) as { speakers: { name: string }[] }).speakers.map(({ name }) => name);
}

describe('speakers', () => {
  it('adds, lists, renames, exports, removes and imports', async () => {
    expect((await speakers('list')).stdout).toBe(`no speakers in ${store}\n`);
    const added = await speakers('add', 'Alice', `${AUDIO}/alice.wav`);
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^added Alice: \d+\.\d s of speech/) as string,
    });
    expect((await speakers('add', 'bob', `${AUDIO}/bob.wav`)).code).toBe(0);
    expect(await names()).toEqual(['Alice', 'bob']);
    expect((await speakers('rename', 'bob', 'Robert')).code).toBe(0);
    const file = join(scratch, 'voices.json');
    expect((await speakers('export', file)).stdout).toContain('wrote 2');
    expect((await speakers('remove', 'robert')).code).toBe(0);
    expect(await names()).toEqual(['Alice']);
    expect(await speakers('import', file, '--skip')).toMatchObject({
      code: 0,
      stdout: 'imported 1: Robert\n',
    });
    expect(await names()).toEqual(['Alice', 'Robert']);
  });

  it('warns where a new voice sounds like one that is there', async () => {
    const again = await speakers('add', 'alias', `${AUDIO}/alice.wav`);
    expect(again).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('sounds like "Alice"') as string,
    });
    expect((await speakers('remove', 'alias')).code).toBe(0);
  });

  it.each([
    [['add', 'ALICE', `${AUDIO}/bob.wav`], 'speaker-exists'],
    [['add', 'a/b', `${AUDIO}/bob.wav`], 'speaker-name'],
    [['add', 'carol', `${AUDIO}/missing.wav`], 'file-not-found'],
    [['rename', 'nobody', 'somebody'], 'speaker-not-found'],
    [['remove', 'nobody'], 'speaker-not-found'],
    [['import', `${AUDIO}/meeting.rttm`], 'store-corrupt'],
  ])('%j ends with %s in one line, and changes nothing', async (args, code) => {
    const before = await names();
    const result = await speakers(...args);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(new RegExp(`^error: [^\\n]* \\[${code}\\]\\n$`));
    expect(await names()).toEqual(before);
  });

  it.skipIf(process.platform === 'win32')('warns of a folder that others can read', async () => {
    chmodSync(store, 0o755);
    const { code, stderr } = await speakers('list');
    chmodSync(store, 0o700);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: .*; close it: chmod 700 ".*" \[store-exposed\]\n$/);
  });

  it('tells a damaged profile by name, lists the rest, and exits non-zero', async () => {
    const { speakers: index } = JSON.parse(readFileSync(join(store, 'index.json'), 'utf8')) as {
      speakers: { name: string; file: string }[];
    };
    writeFileSync(join(store, index.find(({ name }) => name === 'Alice')!.file), '{"version": 1');
    const { code, stdout, stderr } = await speakers('list');
    expect(code).toBe(5);
    expect(stdout).toMatch(/^Robert: /);
    expect(stderr).toMatch(/^warning: the profile of Alice cannot be read .*\[store-corrupt\]\n$/);
  });
});
