import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromPipe, fromReadable } from '../../src/stream/readable.js';
import { readAll } from '../../src/stream/source.js';
import type { AudioChunk } from '../../src/stream/types.js';
import { interleaved, ratioDb, signal } from './signal.js';
import { pcmBytes, wavFile } from './wav-file.js';

function cut(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'fixtures', name));

describe('fromReadable', () => {
  it.each([
    ['s16le', 80],
    ['f32le', 100],
  ] as const)('reads %s however it is cut, and the same each time', async (encoding, minDb) => {
    const bytes = pcmBytes(encoding, interleaved(48_000, 2, 0.5));
    const format = { encoding, sampleRateHz: 48_000, channels: 2 };
    const whole = await readAll(fromReadable(Readable.from([bytes]), format));
    expect(whole).toHaveLength(8_000);
    expect(ratioDb(whole, signal(16_000), 400, 7_600)).toBeGreaterThan(minDb);
    for (const size of [17, 999, 4_096]) {
      expect(await readAll(fromReadable(Readable.from(cut(bytes, size)), format))).toEqual(whole);
    }
  });

  it('reads on only when it is pulled', async () => {
    let made = 0;
    const endless = new Readable({
      highWaterMark: 16_000,
      read() {
        made += 1;
        this.push(Buffer.alloc(16_000));
      },
    });
    const iterator = fromReadable(endless, { encoding: 's16le', sampleRateHz: 16_000 })[
      Symbol.asyncIterator
    ]();
    for (let i = 0; i < 5; i++) await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(made).toBeLessThan(12);
    await iterator.return?.();
    expect(endless.destroyed).toBe(true);
  });

  it.each([
    ['a lone odd byte', Buffer.alloc(3_201), 'audio-truncated'],
    ['no bytes at all', Buffer.alloc(0), 'audio-empty'],
    [
      'a wav file',
      wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: signal(16_000) }),
      'audio-format',
    ],
  ])('%s', async (_, bytes, code) => {
    const source = fromReadable(Readable.from(bytes.length > 0 ? [bytes] : []), {
      encoding: 's16le',
      sampleRateHz: 16_000,
    });
    let samples = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of source) samples += chunk.samples.length;
    };
    await expect(reading()).rejects.toMatchObject({ code });
    if (code === 'audio-truncated') expect(samples).toBe(1_600);
  });

  it.each(['extensible-24.wav', 'mono-16000.flac', 'stereo-44100.mp3', 'stereo-48000.opus', 'live.webm'])(
    'without a format reads a file, %s, however it is cut',
    async (name) => {
      const bytes = fixture(name);
      const whole = await readAll(fromReadable(Readable.from([bytes])));
      expect(ratioDb(whole, signal(16_000), 400, 7_600)).toBeGreaterThan(20);
      expect(await readAll(fromReadable(Readable.from(cut(bytes, 997))))).toEqual(whole);
      const raw = { encoding: 's16le', sampleRateHz: 16_000 } as const;
      expect(await readAll(fromPipe(Readable.from(cut(bytes, 5)), raw))).toEqual(whole);
    },
  );

  it('without a format refuses an m4a, which has to be read out of order', async () => {
    const source = fromReadable(Readable.from([fixture('stereo-44100.m4a')]));
    await expect(readAll(source)).rejects.toMatchObject({ code: 'audio-unsupported' });
  });

  it('of a pipe raw PCM is what is no file', async () => {
    const bytes = pcmBytes('s16le', signal(16_000, 0.5));
    const raw = { encoding: 's16le', sampleRateHz: 16_000 } as const;
    expect(await readAll(fromPipe(Readable.from(cut(bytes, 3)), raw))).toHaveLength(8_000);
    expect(await readAll(fromPipe(Readable.from([Buffer.alloc(4)]), raw))).toHaveLength(2);
  });

  it('says what is wrong with a stream of text', async () => {
    const stream = Readable.from([Buffer.from('x'.repeat(100))]).setEncoding('utf8');
    const source = fromReadable(stream, { encoding: 's16le', sampleRateHz: 16_000 });
    await expect(readAll(source)).rejects.toMatchObject({ code: 'audio-format' });
  });

  it('passes on that the stream failed, after the audio before', async () => {
    const stream = new PassThrough();
    const source = fromReadable(stream, { encoding: 's16le', sampleRateHz: 16_000 });
    const iterator = source[Symbol.asyncIterator]();
    stream.write(Buffer.alloc(320));
    expect(((await iterator.next()).value as AudioChunk).samples).toHaveLength(160);
    stream.destroy(new Error('the cable was pulled'));
    await expect(iterator.next()).rejects.toMatchObject({ code: 'file-unreadable' });
  });

  it.each([
    [{ encoding: 'mp3', sampleRateHz: 16_000 }, 'encoding'],
    [{ encoding: 's16le', sampleRateHz: 10 }, 'sampleRateHz'],
    [{ encoding: 's16le', sampleRateHz: 16_000, channels: 0 }, 'channels'],
    [{ encoding: 's16le', sampleRateHz: 16_000, chanels: 1 }, 'chanels'],
  ])('refuses the option %o by name', (format, name) => {
    expect(() => fromReadable(Readable.from([]), format as never)).toThrow(name);
  });
});
