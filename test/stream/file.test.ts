import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { fromFile } from '../../src/stream/file/from-file.js';
import type { PcmEncoding } from '../../src/stream/pcm.js';
import { readAll } from '../../src/stream/source.js';
import { flacFile } from './flac-file.js';
import { interleaved, ratioDb, signal } from './signal.js';
import { chunk, wavFile, type WavSpec } from './wav-file.js';

const directory = mkdtempSync(join(tmpdir(), 'stream-file-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

let made = 0;
function wav(spec: WavSpec): string {
  const path = join(directory, `${made++}.wav`);
  writeFileSync(path, wavFile(spec));
  return path;
}

/** Best signal-to-error ratio over shifts, for streams that do not tell the encoder's delay. */
function bestRatioDb(actual: Float32Array, expected: Float32Array, maxShift: number): number {
  let best = -Infinity;
  for (let shift = 0; shift <= maxShift; shift++) {
    best = Math.max(best, ratioDb(actual.subarray(shift), expected, 4_000, 20_000));
  }
  return best;
}

const truth = signal(16_000);
const EDGE = 400;

describe('fromFile, compressed', () => {
  it.each([
    ['stereo-44100.flac', 80],
    ['mono-16000.flac', 80],
    ['flac-in.ogg', 80],
    ['stereo-48000.ogg', 25],
    ['stereo-48000.opus', 25],
    ['stereo-44100.mp3', 20],
    ['stereo-44100.m4a', 20],
    ['faststart.m4a', 20],
  ])('%s: true length, in place, the mean of its channels (error below -%i dB)', async (name, minDb) => {
    const source = fromFile(fixture(name));
    const samples = await readAll(source);
    expect(samples).toHaveLength(truth.length);
    expect(source.durationSamples).toBe(truth.length);
    expect(ratioDb(samples, truth, EDGE, truth.length - EDGE)).toBeGreaterThan(minDb);
  });

  it('flac whose last frame holds what looks like a frame header, anywhere near its end', async () => {
    for (let distance = 4; distance <= 30; distance++) {
      const bytes = Buffer.alloc(1400, 0x15);
      // Sync, 16-bit block size and 16 kHz, mono of 16 bits, a frame number; two bytes of CRC-16 come after the samples.
      const header = [0xff, 0xf8, 0x75, 0x08, 0x11, 0x08];
      bytes.set(header.slice(0, distance - 2), bytes.length + 2 - distance);
      const samples = Int16Array.from({ length: 700 }, (_, i) => bytes.readInt16BE(2 * i));
      const path = join(directory, 'sync.flac');
      writeFileSync(path, flacFile(samples));
      const decoded = await readAll(fromFile(path));
      expect(Array.from(decoded, (x) => Math.round(x * 32767))).toEqual(Array.from(samples));
    }
  });

  it.each([16_000, 22_050, 47_999])(
    'flac whose frames leave their rate (%i Hz) and bits to STREAMINFO',
    async (rateHz) => {
      const samples = Int16Array.from(signal(rateHz, 0.2), (x) => Math.round(x * 32_767));
      const path = join(directory, 'stream-info.flac');
      writeFileSync(path, flacFile(samples, 'inStreamInfo', rateHz));
      const decoded = await readAll(fromFile(path));
      expect(decoded).toHaveLength(3200);
      expect(ratioDb(decoded, truth, EDGE, 3200 - EDGE)).toBeGreaterThan(60);
    },
  );

  it('flac with a tag of metadata before its frames, and one after', async () => {
    const samples = Int16Array.from(signal(16_000, 0.2), (x) => Math.round(x * 32_767));
    const bytes = flacFile(samples);
    const head = Buffer.from(bytes.subarray(0, 42));
    head[4] = 0;
    const picture = Buffer.concat([Buffer.of(0x86, 1, 0x11, 0x70), Buffer.alloc(70_000, 0xff)]);
    const tag = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 0x20)]);
    const path = join(directory, 'tags.flac');
    writeFileSync(path, Buffer.concat([head, picture, bytes.subarray(42), tag]));
    const decoded = await readAll(fromFile(path));
    expect(Array.from(decoded, (x) => Math.round(x * 32_767))).toEqual(Array.from(samples));
  });

  it.each([
    ['mono-16000-no-tag.mp3', 2_000],
    ['mono-16000.aac', 2_100],
  ])('%s: nothing is cut where the stream does not tell its delay', async (name, maxDelay) => {
    const samples = await readAll(fromFile(fixture(name)));
    expect(samples.length).toBeGreaterThanOrEqual(truth.length);
    expect(samples.length).toBeLessThan(truth.length + 2 * maxDelay);
    expect(bestRatioDb(samples, truth, maxDelay)).toBeGreaterThan(18);
  });

  it('goes by content, not by name', async () => {
    const path = join(directory, 'really-an-mp3.wav');
    writeFileSync(path, readFileSync(fixture('stereo-44100.mp3')));
    expect(await readAll(fromFile(path))).toHaveLength(truth.length);
  });

  it('skips an ID3 tag with a picture in it', async () => {
    const tag = Buffer.concat([
      Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 6, 0, 0]),
      Buffer.alloc(6 * 2 ** 14, 0x55),
    ]);
    const path = join(directory, 'tagged.mp3');
    writeFileSync(path, Buffer.concat([tag, readFileSync(fixture('stereo-44100.mp3'))]));
    const samples = await readAll(fromFile(path));
    expect(samples).toHaveLength(truth.length);
    expect(ratioDb(samples, truth, EDGE, truth.length - EDGE)).toBeGreaterThan(20);
  });

  it('reads several files at once without mixing them up', async () => {
    const names = ['stereo-44100.flac', 'stereo-48000.opus', 'stereo-44100.mp3', 'stereo-44100.flac'];
    const all = await Promise.all(names.map((name) => readAll(fromFile(fixture(name)))));
    for (const samples of all) expect(ratioDb(samples, truth, EDGE, truth.length - EDGE)).toBeGreaterThan(20);
  });
});

describe('fromFile, wav', () => {
  const encodings: [PcmEncoding, number][] = [
    ['u8', 35],
    ['s16le', 80],
    ['s24le', 100],
    ['s32le', 100],
    ['f32le', 100],
    ['f64le', 100],
  ];
  it.each(encodings)('%s, 1 and 3 channels, plain and EXTENSIBLE, 44.1 kHz', async (encoding, minDb) => {
    for (const [channels, extensible] of [
      [1, false],
      [3, true],
    ] as const) {
      const samples = interleaved(44_100, channels, 0.5);
      const source = fromFile(wav({ rateHz: 44_100, channels, encoding, samples, extensible }));
      const decoded = await readAll(source);
      expect(decoded).toHaveLength(8_000);
      expect(source.durationSamples).toBe(8_000);
      expect(ratioDb(decoded, truth, EDGE, 8_000 - EDGE)).toBeGreaterThan(minDb);
    }
  });

  it('gives 16 kHz float samples back bit for bit', async () => {
    const samples = signal(16_000, 0.5);
    const decoded = await readAll(fromFile(wav({ rateHz: 16_000, channels: 1, encoding: 'f32le', samples })));
    expect(decoded).toEqual(samples);
  });

  it('skips chunks before the data, odd ones with their padding', async () => {
    const before = Buffer.concat([chunk('LIST', Buffer.from('INFOISFT')), chunk('odd ', Buffer.from('abc'))]);
    const spec = {
      rateHz: 16_000,
      channels: 1,
      encoding: 's16le',
      samples: signal(16_000, 0.1),
      before,
    } as const;
    expect(await readAll(fromFile(wav(spec)))).toHaveLength(1_600);
  });

  it('ignores chunks after the data', async () => {
    const path = wav({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: signal(16_000, 0.1) });
    writeFileSync(path, Buffer.concat([readFileSync(path), chunk('LIST', Buffer.alloc(400, 7))]));
    expect(await readAll(fromFile(path))).toHaveLength(1_600);
  });

  it.each([0, 0xffffffff, 0x7ffff024])(
    'reads to the end where the size is what a pipe leaves (%i)',
    async (dataSize) => {
      const samples = signal(16_000, 0.1);
      const path = wav({ rateHz: 16_000, channels: 1, encoding: 's16le', samples, dataSize });
      expect(await readAll(fromFile(path))).toHaveLength(1_600);
    },
  );

  it('reads wav files as ffmpeg writes them', async () => {
    for (const [name, minDb] of [
      ['extensible-24.wav', 90],
      ['piped.wav', 80],
    ] as const) {
      const samples = await readAll(fromFile(fixture(name)));
      expect(samples).toHaveLength(8_000);
      expect(ratioDb(samples, truth, EDGE, 8_000 - EDGE)).toBeGreaterThan(minDb);
    }
  });

  it('reads a named pipe', async () => {
    const pipe = join(directory, 'fifo');
    await promisify(execFile)('mkfifo', [pipe]);
    const writer = promisify(execFile)('sh', ['-c', `cat "${fixture('piped.wav')}" > "${pipe}"`]);
    expect(await readAll(fromFile(pipe))).toHaveLength(8_000);
    await writer;
  });
});

describe('fromFile, the source', () => {
  it('opens nothing until it is pulled, and is read once', async () => {
    const source = fromFile('/does/not/exist.wav');
    expect(source.live).toBe(false);
    await expect(readAll(source)).rejects.toMatchObject({ code: 'file-not-found' });
    expect(() => source[Symbol.asyncIterator]()).toThrow(/only once/);
  });

  it('closes the file when it is left early', async () => {
    const path = wav({
      rateHz: 16_000,
      channels: 1,
      encoding: 's16le',
      samples: new Float32Array(16_000 * 20),
    });
    const openBefore = await openFiles(path);
    for await (const chunk of fromFile(path)) {
      expect(chunk.startSample).toBe(0);
      expect(await openFiles(path)).toBe(openBefore + 1);
      break;
    }
    expect(await openFiles(path)).toBe(openBefore);
  });
});

async function openFiles(path: string): Promise<number> {
  const { stdout } = await promisify(execFile)('sh', ['-c', `ls -l /proc/${process.pid}/fd || true`]);
  return stdout.split('\n').filter((line) => line.endsWith(path)).length;
}
