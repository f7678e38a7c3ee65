import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchFolder } from '../../../src/speakers/store/store-watch.js';

const SECOND = { timeout: 1000, interval: 20 };
const LATER_MS = 10_000;
let folder: string;
let told = 0;
let end = (): void => undefined;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'whospeaks-watch-')), 'speakers');
  told = 0;
});
afterEach(() => {
  end();
  vi.restoreAllMocks();
  rmSync(join(folder, '..'), { recursive: true });
});
const watch = (): void => {
  end = watchFolder(
    folder,
    () => told++,
    () => Promise.resolve(),
  );
};
/** So that nothing of now is fresh. */
const later = (): void => {
  const now = Date.now() + LATER_MS;
  vi.spyOn(Date, 'now').mockReturnValue(now);
};

test('a folder that comes, changes and goes is told; one that rests is not', async () => {
  later();
  watch();
  await sleep(400);
  expect(told).toBe(0);
  mkdirSync(folder);
  await expect.poll(() => told, SECOND).toBe(1);
  writeFileSync(join(folder, 'a.json'), '');
  await expect.poll(() => told, SECOND).toBe(2);
  await sleep(700);
  expect(told).toBe(2);
  rmSync(folder, { recursive: true });
  await expect.poll(() => told, SECOND).toBe(3);
});

test('what changed between reading and watching is told', async () => {
  mkdirSync(folder);
  watch();
  await expect.poll(() => told, SECOND).toBeGreaterThan(0);
});

test('a second change within one tick of the clock is told: what is fresh is told again', async () => {
  mkdirSync(folder);
  watch();
  await expect.poll(() => told, SECOND).toBeGreaterThan(1);
});

test('nothing is told once it has ended', async () => {
  mkdirSync(folder);
  later();
  watch();
  await sleep(100);
  end();
  utimesSync(folder, new Date(5000), new Date(5000));
  writeFileSync(join(folder, 'a.json'), '');
  await sleep(700);
  expect(told).toBe(0);
});
