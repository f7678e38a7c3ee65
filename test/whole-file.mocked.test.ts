import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stageFile, writeWholeFile } from '../src/whole-file.js';

const disk = vi.hoisted(() => ({ free: Infinity }));
vi.mock('node:fs/promises', async (original) => (await import('./small-disk.js')).smallDisk(disk, original));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whospeaks-whole-'));
  path = join(folder, 'file');
});
afterEach(() => {
  disk.free = Infinity;
  rmSync(folder, { recursive: true });
});

it('with any room on the disk writes all or changes nothing', async () => {
  const before = 'what was there';
  const after = Buffer.from('what comes in its place, and is longer by far');
  for (let free = 0; free <= after.length + 1; free++) {
    writeFileSync(path, before);
    disk.free = free;
    const fits = free >= after.length;
    const written = writeWholeFile(path, after).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'ENOSPC' });
        return false;
      },
    );
    expect(await written, `${free} bytes free`).toBe(fits);
    expect(readFileSync(path, 'utf8'), `${free} bytes free`).toBe(fits ? String(after) : before);
    expect(readdirSync(folder)).toEqual(['file']);
  }
});

it('a file that is not there does not appear in part', async () => {
  disk.free = 3;
  await expect(writeWholeFile(path, 'four')).rejects.toThrow('ENOSPC');
  expect(readdirSync(folder)).toEqual([]);
});

it('what is staged appears when it is placed, and leaves nothing when it is not', async () => {
  writeFileSync(path, 'before');
  const staged = await stageFile(path, 'after');
  expect(readFileSync(path, 'utf8')).toBe('before');
  await staged.place();
  expect(readFileSync(path, 'utf8')).toBe('after');
  await (await stageFile(path, 'later')).discard();
  expect(readdirSync(folder)).toEqual(['file']);
});

it.skipIf(process.platform === 'win32')('keeps who may read it, and a link a link', async () => {
  writeFileSync(path, 'before', { mode: 0o640 });
  const link = join(folder, 'link');
  symlinkSync('file', link);
  await writeWholeFile(link, 'after');
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe('after');
  expect(statSync(path).mode & 0o777).toBe(0o640);
  const secret = join(folder, 'secret');
  await writeWholeFile(secret, 'x', 0o600);
  expect(statSync(secret).mode & 0o777).toBe(0o600);
});

it('of two that write at once one is whole', async () => {
  await Promise.all(['a', 'b', 'c'].map((text) => writeWholeFile(path, text.repeat(100_000))));
  expect(readFileSync(path, 'utf8')).toMatch(/^(a{100000}|b{100000}|c{100000})$/);
  expect(readdirSync(folder)).toEqual(['file']);
});
