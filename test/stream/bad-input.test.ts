import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { WhospeaksError, type ErrorCode } from '../../src/errors.js';
import { fromFile } from '../../src/stream/file/from-file.js';
import { fromSamples } from '../../src/stream/source.js';
import type { AudioSource } from '../../src/stream/types.js';
import { interleaved, ratioDb, signal } from './signal.js';
import { chunk, wavFile } from './wav-file.js';

const directory = mkdtempSync(join(tmpdir(), 'stream-bad-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

interface Outcome {
  readonly samples: Float32Array;
  readonly error: unknown;
}

/** Everything a source delivers, and how it ends. */
async function drain(source: AudioSource): Promise<Outcome> {
  const samples: number[] = [];
  let end = 0;
  try {
    for await (const chunk of source) {
      expect(chunk.startSample).toBeGreaterThanOrEqual(end);
      end = chunk.startSample + chunk.samples.length;
      for (const x of chunk.samples) samples.push(x);
    }
    return { samples: Float32Array.from(samples), error: null };
  } catch (error) {
    return { samples: Float32Array.from(samples), error };
  }
}

/** One clear line with this code. */
function expectError(error: unknown, code: ErrorCode): void {
  expect(error).toBeInstanceOf(WhospeaksError);
  const { message } = error as WhospeaksError;
  expect((error as WhospeaksError).code, message).toBe(code);
  expect(message).not.toContain('\n');
  expect(message.length).toBeGreaterThan(20);
}

const wav = (seconds = 0.5): Buffer =>
  wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: signal(16_000, seconds) });

let prints: MockInstance[];
beforeEach(() => {
  prints = (['error', 'warn', 'log'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => undefined),
  );
});
afterEach(() => {
  for (const print of prints) expect(print).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

describe('files that are no audio', () => {
  it.each<[string, () => string, ErrorCode]>([
    ['a missing file', () => join(directory, 'nowhere.wav'), 'file-not-found'],
    ['a directory', () => directory, 'file-unreadable'],
    ['an empty file', () => file('empty.wav', ''), 'audio-empty'],
    ['text', () => file('text.wav', 'Dear Alice,\n'.repeat(5_000)), 'audio-unsupported'],
    [
      'UTF-16 text',
      () => file('text.mp3', Buffer.from('\ufeffDear Alice, '.repeat(900), 'utf16le')),
      'audio-unsupported',
    ],
    [
      'a picture',
      () => file('x.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')),
      'audio-unsupported',
    ],
    [
      'a container that is not read',
      () => file('x.aiff', Buffer.from('464f524d0000002041494646', 'hex')),
      'audio-unsupported',
    ],
    [
      'the first bytes of a WebM',
      () => file('x.webm', Buffer.from('1a45dfa3a342868101', 'hex')),
      'audio-corrupt',
    ],
    [
      'EBML of another kind',
      () => file('x.ebml', Buffer.from('1a45dfa38a4282866f746865727321', 'hex')),
      'audio-unsupported',
    ],
    ['one byte', () => file('one.wav', 'R'), 'audio-unsupported'],
    ['a wav header with no data', () => file('header.wav', wav(0)), 'audio-empty'],
    ['44 bytes of a longer wav', () => file('cut.wav', wav().subarray(0, 44)), 'audio-truncated'],
    ['half a wav header', () => file('half.wav', wav().subarray(0, 30)), 'audio-truncated'],
    [
      'an m4a without its index',
      () => file('cut.m4a', fixture('stereo-44100.m4a').subarray(0, 9_000)),
      'audio-corrupt',
    ],
    [
      'the first bytes of a flac',
      () => file('cut.flac', fixture('mono-16000.flac').subarray(0, 60)),
      'audio-corrupt',
    ],
  ])('%s', async (_, make, code) => {
    const { samples, error } = await drain(fromFile(make()));
    expectError(error, code);
    expect(samples).toHaveLength(0);
  });

  it('a file that cannot be opened', async () => {
    // A link to itself: even root, who may read everything, cannot open it.
    const path = join(directory, 'loop.wav');
    symlinkSync(path, path);
    expectError((await drain(fromFile(path))).error, 'file-unreadable');
  });

  it('a path through a file', async () => {
    expectError((await drain(fromFile(join(file('plain', 'x'), 'y.wav')))).error, 'file-not-found');
  });

  it('a name that is no path', () => {
    expect(() => fromFile('')).toThrow(expect.objectContaining({ code: 'invalid-option' }));
  });

  it('a directory whose name ends in .wav', async () => {
    const path = join(directory, 'folder.wav');
    mkdirSync(path);
    expectError((await drain(fromFile(path))).error, 'file-unreadable');
  });
});

describe('files cut short deliver what they hold, then say so', () => {
  it('wav, to the last whole sample', async () => {
    const bytes = wav();
    const { samples, error } = await drain(
      fromFile(file('short.wav', bytes.subarray(0, 44 + 2 * 5_000 + 1))),
    );
    expectError(error, 'audio-truncated');
    expect(samples).toHaveLength(5_000);
    expect(ratioDb(samples, signal(16_000), 0, 5_000)).toBeGreaterThan(80);
  });

  it('wav at another rate, with the tail of the resampler', async () => {
    const bytes = wavFile({
      rateHz: 48_000,
      channels: 2,
      encoding: 's16le',
      samples: interleaved(48_000, 2, 0.5),
    });
    const { samples, error } = await drain(fromFile(file('short48.wav', bytes.subarray(0, 44 + 4 * 12_000))));
    expectError(error, 'audio-truncated');
    expect(samples).toHaveLength(4_000);
  });

  it.each([
    ['stereo-44100.flac', 0.6],
    ['stereo-48000.ogg', 0.6],
    ['stereo-48000.opus', 0.6],
    ['stereo-44100.mp3', 0.6],
    ['faststart.m4a', 0.6],
    ['flac-in.ogg', 0.6],
    ['mono-16000.aac', 0.6],
    ['opus.webm', 0.6],
    ['live.webm', 0.6],
    ['vorbis.webm', 0.6],
  ])('%s', async (name, share) => {
    const bytes = fixture(name);
    const { samples, error } = await drain(
      fromFile(file(`short-${name}`, bytes.subarray(0, bytes.length * share))),
    );
    expectError(error, 'audio-truncated');
    expect(samples.length).toBeGreaterThan(0.25 * 32_000);
    expect(samples.length).toBeLessThan(0.8 * 32_000);
    // What there is of it is right; a bare aac stream does not tell its delay.
    if (!/aac|vorbis/.test(name)) {
      expect(ratioDb(samples, signal(16_000), 400, samples.length - 1_000)).toBeGreaterThan(20);
    }
  });
});

describe('damaged files end in an error of ours, never in a crash or a hang', () => {
  const names = [
    'stereo-44100.flac',
    'stereo-48000.ogg',
    'stereo-48000.opus',
    'stereo-44100.mp3',
    'stereo-44100.m4a',
    'faststart.m4a',
    'flac-in.ogg',
    'mono-16000.aac',
    'extensible-24.wav',
    'adpcm-ima.wav',
    'adpcm-ms.wav',
    'alac.m4a',
    'opus.mp4',
    'fragments.m4a',
    'opus.webm',
    'live.webm',
    'vorbis.webm',
    'aac.mkv',
  ];
  it.each(names)('%s with bytes changed here and there', async (name) => {
    const clean = fixture(name);
    for (let seed = 1; seed <= 3; seed++) {
      const bytes = Buffer.from(clean);
      let state = seed;
      for (let i = 0; i < 40; i++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        bytes[state % bytes.length] = (state >>> 16) & 0xff;
      }
      const { samples, error } = await drain(fromFile(file(`bad-${name}`, bytes)));
      if (error !== null) expect(error).toBeInstanceOf(WhospeaksError);
      else expect(samples.length).toBeGreaterThan(0);
      expect(samples.every(Number.isFinite)).toBe(true);
    }
  });

  it.each(names)('%s whose second half is noise is told of', async (name) => {
    if (name.endsWith('.wav')) return;
    const bytes = Buffer.from(fixture(name));
    let state = 7;
    for (let i = Math.floor(bytes.length / 2); i < bytes.length; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      bytes[i] = state >>> 24;
    }
    const { error } = await drain(fromFile(file(`noise-${name}`, bytes)));
    expect(error).toBeInstanceOf(WhospeaksError);
    expect(['audio-corrupt', 'audio-truncated']).toContain((error as WhospeaksError).code);
  });

  it('a wav that contradicts itself', async () => {
    for (const [offset, value] of [
      [22, 0],
      [24, 0],
      [32, 7],
    ] as const) {
      const bytes = wav();
      bytes.writeUInt16LE(value, offset);
      expectError((await drain(fromFile(file('odd.wav', bytes)))).error, 'audio-corrupt');
    }
  });

  it('a wav of more chunks than any program writes', async () => {
    const many = Buffer.concat(Array.from({ length: 2000 }, () => chunk('junk', Buffer.alloc(0))));
    const samples = signal(16_000, 0.1);
    const bytes = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples, before: many });
    expectError((await drain(fromFile(file('chunks.wav', bytes)))).error, 'audio-corrupt');
  });

  it('a wav of ADPCM whose blocks have no room for a sample', async () => {
    for (const blockBytes of [0, 3, 7]) {
      const bytes = Buffer.from(fixture('adpcm.wav'));
      bytes.writeUInt16LE(blockBytes, 32);
      expectError((await drain(fromFile(file('blocks.wav', bytes)))).error, 'audio-corrupt');
    }
  });

  it('a wav at a rate nobody records at', async () => {
    const bytes = wav();
    bytes.writeUInt32LE(2_000_000, 24);
    expectError((await drain(fromFile(file('rate.wav', bytes)))).error, 'audio-unsupported');
  });
});

describe('samples that are not finite', () => {
  it.each([Number.NaN, Infinity, -Infinity])(
    '%d is refused with its position, what comes before is delivered',
    async (bad) => {
      const samples = signal(16_000, 0.5);
      samples[5_000] = bad;
      const path = file('nan.wav', wavFile({ rateHz: 16_000, channels: 1, encoding: 'f32le', samples }));
      for (const source of [fromFile(path), fromSamples(samples)]) {
        const outcome = await drain(source);
        expectError(outcome.error, 'audio-not-finite');
        expect((outcome.error as WhospeaksError).message).toContain('sample 5000 (0.313 s)');
        expect(outcome.samples).toEqual(samples.slice(0, 5_000));
      }
    },
  );
});
