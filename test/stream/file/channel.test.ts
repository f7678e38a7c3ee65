import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromFile, readAll } from '../../../src/stream/index.js';

/** A wav of 16 kHz whose channels hold these constant values. */
function wav(...levels: number[]): string {
  const frames = 8000;
  const bytes = Buffer.alloc(44 + 2 * levels.length * frames);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(levels.length, 22);
  bytes.writeUInt32LE(16_000, 24);
  bytes.writeUInt32LE(32_000 * levels.length, 28);
  bytes.writeUInt16LE(2 * levels.length, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  for (let i = 0; i < frames; i++)
    levels.forEach((level, c) => bytes.writeInt16LE(level * 32_768, 44 + 2 * (i * levels.length + c)));
  const path = join(mkdtempSync(join(tmpdir(), 'whospeaks-channel-')), 'a.wav');
  writeFileSync(path, bytes);
  return path;
}

describe('one channel of a file', () => {
  it('is read alone, and all are counted', async () => {
    const path = wav(0.5, -0.25, 0.125);
    for (const [channel, level] of [0.5, -0.25, 0.125].entries()) {
      const source = fromFile(path, { channel });
      const samples = await readAll(source);
      expect(new Set(samples)).toEqual(new Set([level]));
      expect(source.channels).toBe(3);
    }
    const mixed = fromFile(path);
    expect((await readAll(mixed))[100]).toBeCloseTo(0.125, 6);
    expect(mixed.channels).toBe(3);
  });

  // Of these, the second channel is 5/3 as loud as the first.
  it.each([
    'stereo-44100.flac',
    'stereo-44100.mp3',
    'stereo-48000.ogg',
    'stereo-44100.m4a',
    'alac.m4a',
    'opus.webm',
    'flac.mkv',
    'pcm.mkv',
    'adpcm-ms.wav',
  ])('is one of %s too', async (name) => {
    const path = new URL(`../fixtures/${name}`, import.meta.url).pathname;
    const [left, right] = [fromFile(path, { channel: 0 }), fromFile(path, { channel: 1 })];
    const loudness = (samples: Float32Array): number =>
      Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    const ratio = loudness(await readAll(right)) / loudness(await readAll(left));
    expect(ratio).toBeCloseTo(5 / 3, 1);
    expect([left.channels, right.channels]).toEqual([2, 2]);
    await expect(readAll(fromFile(path, { channel: 2 }))).rejects.toMatchObject({ code: 'audio-format' });
  });

  it('must be there', async () => {
    await expect(readAll(fromFile(wav(0.5, 0.5), { channel: 2 }))).rejects.toMatchObject({
      code: 'audio-format',
      message: expect.stringMatching(/channel 2 is not there: the audio has 2/) as string,
    });
    expect(() => fromFile('a.wav', { channel: -1 })).toThrow(
      expect.objectContaining({ code: 'invalid-option' }) as Error,
    );
  });
});
