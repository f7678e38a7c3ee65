import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { WhospeaksError } from '../../../src/errors.js';
import { bytesInMemory, type ByteSource } from '../../../src/stream/file/byte-source.js';
import { fromBytes, fromFile } from '../../../src/stream/file/from-file.js';
import { decodeApart } from '../../../src/stream/file/process/decode-apart.js';
import { DECODER_LIMITS } from '../../../src/stream/file/process/limits.js';
import type { AudioChunk } from '../../../src/stream/types.js';
import { flacBomb, flacFrame, flacHead } from '../flac-file.js';
import { signal } from '../signal.js';
import { wavFile } from '../wav-file.js';
import { makeMp4, soundTables, words } from './mp4-file.js';

const directory = mkdtempSync(join(tmpdir(), 'stream-hostile-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures', name));

interface Outcome {
  readonly samples: number;
  readonly pieces: number;
  readonly error: unknown;
  /** Longest time that the event loop stood still meanwhile, ms. */
  readonly heldMs: number;
}

async function drain(audio: AsyncIterable<AudioChunk>): Promise<Outcome> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let samples = 0;
  let pieces = 0;
  let error: unknown = null;
  // What starts a process is no part of what a recording costs.
  await drainQuietly(fromBytes(short, 'short'));
  delay.enable();
  try {
    for await (const chunk of audio) {
      samples += chunk.samples.length;
      pieces += 1;
    }
  } catch (thrown) {
    error = thrown;
  }
  delay.disable();
  return { samples, pieces, error, heldMs: delay.max / 1e6 };
}

async function drainQuietly(audio: AsyncIterable<AudioChunk>): Promise<void> {
  for await (const chunk of audio) expect(chunk.samples).toBeInstanceOf(Float32Array);
}

const short = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: signal(16_000, 0.1) });
const within = (bytes: Buffer, limits: Partial<typeof DECODER_LIMITS>): AsyncIterable<AudioChunk> =>
  decodeApart(bytesInMemory(bytes, 'a'), {}, { ...DECODER_LIMITS, ...limits });

describe('a hostile recording holds nothing else up', () => {
  it('an m4a of 4,294,967,295 samples a chunk', async () => {
    const sizes = words(0, 0, 8, ...Array.from({ length: 8 }, () => 10));
    const bytes = makeMp4({ ...soundTables, stsz: sizes, stsc: words(0, 1, 1, 0xffff_ffff, 1) });
    const { error, heldMs } = await drain(fromBytes(bytes, 'a.m4a'));
    expect(error).toMatchObject({
      code: 'audio-corrupt',
      message: expect.stringContaining('chunks') as string,
    });
    expect(heldMs).toBeLessThan(200);
  });

  it('a flac of 16 kB that unfolds to 2 GB', async () => {
    const { samples, pieces, heldMs } = await drain(
      (async function* () {
        for await (const chunk of fromBytes(flacBomb(450), 'a.flac')) {
          yield chunk;
          if (chunk.startSample > 60 * 16_000) return;
        }
      })(),
    );
    expect(samples).toBeGreaterThan(60 * 16_000);
    expect(samples / pieces).toBeLessThanOrEqual(16_000);
    expect(heldMs).toBeLessThan(200);
  });

  it.each([
    ['stereo-48000.ogg', 'channels of vorbis', 28 + 11],
    ['stereo-48000.opus', 'channels of opus', 28 + 9],
  ])('%s that claims 255 %s', async (name, _, at) => {
    const bytes = Buffer.from(fixture(name));
    bytes[at] = 255;
    const { error } = await drain(fromBytes(bytes, name));
    expect(error).toMatchObject({ code: 'audio-unsupported' });
  });

  it('a wav of 20 MB of empty chunks', async () => {
    const head = Buffer.from('RIFF\0\0\0\0WAVE', 'latin1');
    const { error, heldMs } = await drain(
      fromBytes(Buffer.concat([head, Buffer.alloc(20 * 2 ** 20)]), 'a.wav'),
    );
    expect(error).toMatchObject({ code: 'audio-corrupt' });
    expect(heldMs).toBeLessThan(200);
  });

  it('a wav of 1024 channels', async () => {
    const samples = new Float32Array(1024 * 1000);
    const bytes = wavFile({ rateHz: 16_000, channels: 1024, encoding: 'f32le', samples });
    const outcome = await drain(fromBytes(bytes, 'a.wav'));
    expect(outcome).toMatchObject({ samples: 1000, error: null });
    expect(outcome.heldMs).toBeLessThan(200);
  });
});

describe('a recording that takes more than its limits ends with audio-limit', () => {
  const expectLimit = (error: unknown, what: RegExp): void => {
    expect(error).toBeInstanceOf(WhospeaksError);
    expect(error).toMatchObject({ code: 'audio-limit', message: expect.stringMatching(what) as string });
  };

  it('of time: frame headers that each have to be followed for as long as a frame may be', async () => {
    const header = [0xff, 0xf8, 0x75, 0x78, 0, 0xff, 0xfe];
    const fake = flacFrame(header, Buffer.alloc(0)).subarray(0, 8);
    const head = flacHead({ rateHz: 16_000, channels: 8, blockSamples: 65_535, totalSamples: 0 });
    const bytes = Buffer.concat([head, ...Array.from({ length: 400_000 }, () => fake)]);
    const { error, heldMs } = await drain(within(bytes, { cpuMs: 400 }));
    expectLimit(error, /too long/);
    expect(heldMs).toBeLessThan(200);
  });

  it('of memory', async () => {
    const { error } = await drain(within(flacBomb(450), { memoryMiB: 16 }));
    expectLimit(error, /too much memory/);
  });

  it('of sound', async () => {
    const { error, samples } = await drain(within(flacBomb(10), { secondsPerByte: 0.02 }));
    expectLimit(error, /expands to more audio/);
    expect(samples).toBeGreaterThan(0);
  });

  it('and leaves the next one alone', async () => {
    expect(await drain(fromBytes(short, 'short'))).toMatchObject({ samples: 1600, error: null });
  });
});

describe('a decoding process', () => {
  it('is not started for a wav', async () => {
    await expect.poll(() => childrenOf(process.pid), { timeout: 20_000 }).toBe(0);
    for await (const chunk of fromBytes(short, 'short.wav')) {
      expect(chunk.samples.length).toBeGreaterThan(0);
      expect(await childrenOf(process.pid)).toBe(0);
    }
  });

  it('waits for a slow pipe however long it takes, and only computing counts', async () => {
    const bytes = bytesInMemory(short, 'slow');
    const source: ByteSource = {
      ...bytes,
      sizeBytes: undefined,
      read: async (_, position) => {
        await sleep(50);
        return bytes.read(200, position);
      },
    };
    const audio = decodeApart(source, {}, { ...DECODER_LIMITS, cpuMs: 700 });
    expect(await drain(audio)).toMatchObject({ samples: 1600, error: null });
  });

  it('tells of an input that cannot be read, with its code', async () => {
    const source: ByteSource = {
      ...bytesInMemory(short, 'x'),
      read: () => Promise.reject(new WhospeaksError('file-unreadable', 'x could not be read: EIO')),
    };
    const { error } = await drain(decodeApart(source, {}));
    expect(error).toMatchObject({ code: 'file-unreadable', message: 'x could not be read: EIO' });
  });

  it(
    'ends where its source is left early, or the program that started it ends',
    { timeout: 60_000 },
    async () => {
      const path = join(directory, 'long.flac');
      writeFileSync(path, flacBomb(450));
      for await (const chunk of fromFile(path)) {
        expect(chunk.startSample).toBe(0);
        break;
      }
      // A source that is neither read to its end nor closed must not keep a program from ending.
      const { href } = new URL('../../../dist/stream/file/from-file.js', import.meta.url);
      const code = `
      import { fromFile } from ${JSON.stringify(href)};
      import { execFileSync } from 'node:child_process';
      const { value } = await fromFile(process.argv[1])[Symbol.asyncIterator]().next();
      console.log(value.samples.length, process.pid);`;
      const args = ['--input-type=module', '-e', code, path];
      const { stdout } = await promisify(execFile)(process.execPath, args, {
        cwd: join(import.meta.dirname, '../../..'),
      });
      const [samples, parent] = stdout.trim().split(' ').map(Number);
      expect(samples).toBeGreaterThan(0);
      await expect.poll(() => childrenOf(process.pid), { timeout: 20_000 }).toBe(0);
      await expect.poll(() => childrenOf(parent!), { timeout: 20_000 }).toBe(0);
    },
  );
});

/** Decoding processes that this process started and that still run. */
async function childrenOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'ppid,args']);
  return stdout
    .split('\n')
    .filter((line) => Number.parseInt(line) === pid && line.includes('decoder-process')).length;
}
