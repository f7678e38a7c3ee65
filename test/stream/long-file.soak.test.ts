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
/** Keeping all samples would raise the floor by half of their bytes. */
const growthBytes = (samples: number): number => Math.min(4 * 2 ** 20, samples);

/**
 * Reads a file in a process of its own and looks at the memory in use 64 times on the way. What is
 * waiting to be collected comes and goes; what is kept raises the floor, so floors are compared.
 */
const READER = `
  import { fromFile } from ${JSON.stringify(new URL('../../src/stream/file/from-file.ts', import.meta.url).href)};
  const source = fromFile(process.argv[1]);
  const every = Number(process.argv[2]) / 64;
  const used = [];
  let samples = 0;
  for await (const chunk of source) {
    samples += chunk.samples.length;
    if (samples < (used.length + 1) * every) continue;
    globalThis.gc();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    used.push(heapUsed + arrayBuffers);
  }
  const floor = (from, to) => Math.min(...used.slice(from, to));
  const half = used.length / 2;
  const report = { samples, early: floor(0, half), late: floor(half), duration: source.durationSamples };
  console.log(JSON.stringify(report));
`;

interface Report {
  samples: number;
  /** Bytes in use, at the least, over the first half of the file and over the second. */
  early: number;
  late: number;
  duration?: number;
}

async function read(path: string, samples: number): Promise<Report> {
  const args = [
    '--expose-gc',
    '--max-old-space-size=200',
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    READER,
    path,
    String(samples),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(import.meta.dirname, '../..'),
  });
  return JSON.parse(stdout) as Report;
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
    const report = await read(path, SECONDS_IN_3_HOURS * 16_000);
    expect(report.samples).toBe(SECONDS_IN_3_HOURS * 16_000);
    expect(report.duration).toBe(SECONDS_IN_3_HOURS * 16_000);
    expect(report.late - report.early).toBeLessThan(growthBytes(report.samples));
  });

  it.each([
    ['mono-16000-no-tag.mp3', 150],
    ['mono-16000.aac', 150],
    ['stereo-48000.opus', 60],
    ['stereo-48000.ogg', 60],
  ])('%s many times over', async (name, times) => {
    const piece = readFileSync(join(import.meta.dirname, 'fixtures', name));
    const path = join(directory, name);
    const file = openSync(path, 'w');
    for (let i = 0; i < times; i++) writeSync(file, piece);
    closeSync(file);
    const report = await read(path, times * 32_000);
    expect(report.samples).toBeGreaterThan(times * 31_000);
    expect(report.late - report.early).toBeLessThan(growthBytes(report.samples));
  });
});
