import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { wavFile } from './wav-file.js';

const directory = mkdtempSync(join(tmpdir(), 'stream-long-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const SECONDS_IN_3_HOURS = 3 * 3_600;
const MIB = 2 ** 20;

/** Reads a file in a process of its own; tells samples, and memory early in the run and at its most. */
const READER = `
  import { fromFile } from ${JSON.stringify(new URL('../../src/stream/file/from-file.ts', import.meta.url).href)};
  const source = fromFile(process.argv[1]);
  let samples = 0, chunks = 0, longest = 0;
  const early = { heap: 0, resident: 0 };
  const peak = { heap: 0, resident: 0 };
  for await (const chunk of source) {
    samples += chunk.samples.length;
    longest = Math.max(longest, chunk.samples.length);
    if (++chunks % 20 !== 0) continue;
    globalThis.gc();
    const { heapUsed, rss } = process.memoryUsage();
    for (const mark of samples < 16000 * 100 ? [early, peak] : [peak]) {
      mark.heap = Math.max(mark.heap, heapUsed);
      mark.resident = Math.max(mark.resident, rss);
    }
  }
  console.log(JSON.stringify({ samples, early, peak, longest, duration: source.durationSamples }));
`;

interface Memory {
  heap: number;
  resident: number;
}

interface Report {
  samples: number;
  early: Memory;
  peak: Memory;
  longest: number;
  duration?: number;
}

async function read(path: string): Promise<Report> {
  const args = [
    '--expose-gc',
    '--max-old-space-size=200',
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    READER,
    path,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(import.meta.dirname, '../..'),
  });
  return JSON.parse(stdout) as Report;
}

function expectFlat({ early, peak, longest }: Report): void {
  expect(peak.heap - early.heap).toBeLessThan(4 * MIB);
  expect(peak.resident - early.resident).toBeLessThan(64 * MIB);
  expect(longest).toBeLessThan(16_000 * 60);
}

describe('a long file is read in flat memory', () => {
  it('3 hours of wav (a sparse file)', async () => {
    const path = join(directory, 'long.wav');
    const bytes = SECONDS_IN_3_HOURS * 16_000 * 2;
    const header = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: [], dataSize: bytes });
    const file = openSync(path, 'w');
    writeSync(file, header);
    closeSync(file);
    truncateSync(path, header.length + bytes);
    const report = await read(path);
    expect(report.samples).toBe(SECONDS_IN_3_HOURS * 16_000);
    expect(report.duration).toBe(SECONDS_IN_3_HOURS * 16_000);
    expectFlat(report);
  });

  it.each([
    ['mono-16000-no-tag.mp3', 300],
    ['mono-16000.aac', 300],
    ['stereo-48000.opus', 150],
    ['stereo-48000.ogg', 150],
  ])('%s many times over', async (name, times) => {
    const piece = readFileSync(join(import.meta.dirname, 'fixtures', name));
    const path = join(directory, name);
    const file = openSync(path, 'w');
    for (let i = 0; i < times; i++) writeSync(file, piece);
    closeSync(file);
    const report = await read(path);
    expect(report.samples).toBeGreaterThan(times * 31_000);
    expectFlat(report);
  });
});
