import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { writeOutput } from '../../src/cli/output-file.js';
import { RttmFile } from '../../src/cli/rttm-file.js';
import type { CorrectionEvent, FinalEvent } from '../../src/tracker/index.js';

const disk = vi.hoisted(() => ({ free: Infinity }));
vi.mock('node:fs/promises', async (original) => (await import('../small-disk.js')).smallDisk(disk, original));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whospeaks-small-disk-'));
  path = join(folder, 'out');
});
afterEach(() => {
  disk.free = Infinity;
  rmSync(folder, { recursive: true });
});

it('what an option names stays whole when there is no room for more', async () => {
  writeFileSync(path, 'calibration of last month');
  disk.free = 10;
  await expect(writeOutput(path, 'calibration of today', '--out')).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(/^--out: cannot write .*: ENOSPC/) as string,
  });
  expect(readFileSync(path, 'utf8')).toBe('calibration of last month');
  expect(readdirSync(folder)).toEqual(['out']);
});

it('turns stay as they were told when there is no room for their corrections', async () => {
  const at = { turn: 0, revision: 1, startSample: 0, endSample: 16_000, atSample: 16_000 };
  const speech = [{ startSample: 0, endSample: 16_000 }];
  const file = new RttmFile(path, { input: 'call.wav', recording: 'call' });
  file.event({ ...at, type: 'final', speaker: 'alice', speech } as unknown as FinalEvent);
  const told = readFileSync(path, 'utf8');
  expect(told).toContain('alice');
  file.event({ ...at, type: 'correction', speaker: 'bob', was: 'alice' } as unknown as CorrectionEvent);
  disk.free = 10;
  await expect(file.close()).rejects.toMatchObject({ code: 'invalid-option' });
  expect(readFileSync(path, 'utf8')).toBe(told);
});
