import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LockError, withFileLock, type LockOptions } from '../src/file-lock.js';
import { newOwnerName, ownerOf, stateOf } from '../src/lock-owner.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whospeaks-lock-'));
  path = join(folder, '.lock');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const options = { waitMs: 2000, staleMs: 300 };
const tried = (changed: Partial<LockOptions> = {}): Promise<string> =>
  withFileLock(path, { ...options, ...changed }, () => Promise.resolve('held'));

/** A lock as some other owner would leave it. */
function lockOf(name: string, time?: Date): string {
  mkdirSync(path);
  const file = join(path, name);
  writeFileSync(file, '');
  if (time !== undefined) utimesSync(file, time, time);
  return file;
}
const elsewhere = '0123456789abcdef.77.5.fedcba9876543210.other-host';

it('is held by one at a time, and nothing of it stays', async () => {
  let inside = 0;
  let most = 0;
  const one = (): Promise<void> =>
    withFileLock(path, { ...options, waitMs: 20_000 }, async () => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
    });
  await Promise.all(Array.from({ length: 8 }, one));
  expect(most).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

it('a living owner is waited for, named, and never robbed', async () => {
  await withFileLock(path, options, async (lock) => {
    const waiting = tried({ waitMs: 700, staleMs: 200 });
    await expect(waiting).rejects.toThrow(
      new RegExp(`process ${process.pid} on .* has held .*\\.lock for 1 s`),
    );
    await expect(waiting).rejects.toBeInstanceOf(LockError);
    lock.assertHeld();
  });
});

it.runIf(process.platform === 'linux')('that of a process that ended is taken over at once', async () => {
  const program = `
    import { withFileLock } from ${JSON.stringify(new URL('../dist/file-lock.js', import.meta.url).href)};
    await withFileLock(${JSON.stringify(path)}, ${JSON.stringify(options)}, () => {
      process.stdout.write('held');
      return new Promise(() => setInterval(() => {}, 1000));
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await expect(tried({ waitMs: 0 })).rejects.toThrow(`process ${child.pid} on`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await tried({ waitMs: 0, staleMs: 60_000 })).toBe('held');
});

describe.each([
  ['in the future', new Date(Date.now() + 1e12)],
  ['long past', new Date(1000)],
])('of an owner that cannot be seen, whose time lies %s', (_, time) => {
  it('is taken over when there was no sign of life for as long as asked', async () => {
    lockOf(elsewhere, time);
    await expect(tried({ waitMs: 100 })).rejects.toThrow('process 77 on other-host');
    const startMs = performance.now();
    expect(await tried()).toBe('held');
    expect(performance.now() - startMs).toBeGreaterThan(options.staleMs);
  });

  it('is waited for while there are signs of life', async () => {
    const file = lockOf(elsewhere, time);
    let beats = 0;
    const heart = setInterval(() => {
      utimesSync(file, time, new Date(time.getTime() + ++beats));
    }, 60);
    try {
      await expect(tried({ waitMs: 900 })).rejects.toThrow('process 77 on other-host');
    } finally {
      clearInterval(heart);
    }
  });
});

it('an empty folder is taken over in time', async () => {
  mkdirSync(path);
  await expect(tried({ waitMs: 100 })).rejects.toThrow('another process');
  expect(await tried()).toBe('held');
});

it('what is no lock is told with how to remove it, and left alone', async () => {
  const told = `${path} is no lock that whospeaks made; if no other program uses it, remove it: rm -r "${path}"`;
  writeFileSync(path, 'mine');
  await expect(tried({ waitMs: 60_000 })).rejects.toThrow(told);
  await expect(tried({ waitMs: 0 })).rejects.toThrow(told);
  rmSync(path);
  lockOf('notes.txt');
  await expect(tried()).rejects.toThrow(told);
  expect(readdirSync(path)).toEqual(['notes.txt']);
});

it('an owner whose lock was taken learns it, and leaves the other its own', async () => {
  await withFileLock(path, { ...options, staleMs: 90 }, async (lock) => {
    rmSync(path, { recursive: true });
    lockOf(elsewhere);
    expect(() => {
      lock.assertHeld();
    }).toThrow(LockError);
    await sleep(150);
    expect(lock.signal.reason).toBeInstanceOf(LockError);
  });
  expect(readdirSync(path)).toEqual([elsewhere]);
});

it.runIf(process.platform === 'linux')(
  'a number that another process has by now is told from the owner',
  () => {
    const own = ownerOf(newOwnerName())!;
    expect(stateOf(own)).toBe('alive');
    expect(stateOf({ ...own, began: `${Number(own.began) - 1}` })).toBe('gone');
    // 1 is always there; beyond the greatest number there is none.
    expect(stateOf({ ...own, pid: 2 ** 22 + 1 })).toBe('gone');
    expect(stateOf({ ...own, machine: 'fedcba9876543210', pid: 2 ** 22 + 1 })).toBe('unknown');
  },
);
