import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromBytes } from '../../../src/stream/file/from-file.js';
import { readAll } from '../../../src/stream/source.js';
import { ratioDb, signal } from '../signal.js';
import { chunk, pcmBytes, wavFile } from '../wav-file.js';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures', name));
const truth = signal(16_000);

describe('a wav', () => {
  it.each([
    ['adpcm.wav', 22_050, 3_200],
    ['adpcm-ima.wav', 22_050, 8_000],
    ['adpcm-ms.wav', 16_000, 8_000],
  ])('of ADPCM, %s, is read as long as its fact chunk says', async (name, rateHz, length) => {
    const bytes = fixture(name);
    // ffmpeg counts what fills the last block up.
    bytes.writeUInt32LE((length * rateHz) / 16_000, bytes.indexOf('fact') + 8);
    const source = fromBytes(bytes, name);
    const samples = await readAll(source);
    expect(samples).toHaveLength(length);
    expect(source.durationSamples).toBe(length);
    expect(ratioDb(samples, truth, 400, length - 400)).toBeGreaterThan(25);
  });

  it('of ADPCM that is cut inside a block gives what the block still holds, then says so', async () => {
    const bytes = fixture('adpcm-ima.wav');
    const source = fromBytes(bytes.subarray(0, bytes.length - 700), 'cut.wav');
    let samples = 0;
    const reading = async (): Promise<void> => {
      for await (const chunk of source) samples += chunk.samples.length;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'audio-truncated' });
    expect(samples).toBeGreaterThan(7_000);
    expect(samples).toBeLessThan(8_000);
  });

  it.each([
    ['bytes a second', 28, 4],
    ['bytes a block', 32, 2],
    ['bits a sample', 34, 2],
    ['size of it all', 4, 4],
  ])('whose %s are left at 0 is read all the same', async (_, at, width) => {
    const samples = signal(16_000, 0.1);
    const bytes = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples });
    bytes.fill(0, at, at + width);
    const decoded = await readAll(fromBytes(bytes, 'zeros.wav'));
    expect(decoded).toHaveLength(1_600);
    expect(ratioDb(decoded, samples, 0, 1_600)).toBeGreaterThan(80);
  });

  it('whose bytes a block and a second are both 0 is read all the same', async () => {
    const bytes = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: signal(16_000, 0.1) });
    bytes.fill(0, 28, 34);
    expect(await readAll(fromBytes(bytes, 'zeros.wav'))).toHaveLength(1_600);
  });

  it.each([
    ['bits and bytes a block of PCM', 's16le', [32, 36]],
    ['bits of mu-law', 'mulaw', [32, 36]],
  ] as const)('whose %s are both 0 is read all the same', async (_, encoding, [from, to]) => {
    const pcm = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: new Float32Array(1_600) });
    const bytes = Buffer.from(pcm);
    if (encoding === 'mulaw') bytes.writeUInt16LE(7, 20);
    bytes.fill(0, from, to);
    expect(await readAll(fromBytes(bytes, 'zeros.wav'))).toHaveLength(encoding === 'mulaw' ? 3_200 : 1_600);
  });

  it('of a format that is not read says which', async () => {
    const bytes = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: new Float32Array(16) });
    bytes.writeUInt16LE(0x55, 20);
    await expect(readAll(fromBytes(bytes, 'mp3.wav'))).rejects.toMatchObject({
      code: 'audio-unsupported',
      message: expect.stringContaining('holds mp3 in a wav') as string,
    });
  });

  const samples = signal(16_000, 0.5);
  const head = wavFile({ rateHz: 16_000, channels: 1, encoding: 's16le', samples: [] }).subarray(0, 36);
  const dataOf = (from: number, to: number): Buffer =>
    chunk('data', pcmBytes('s16le', samples.subarray(from, to)));
  const note = chunk('note', Buffer.from('odd'));
  it.each([
    ['whose odd chunk is not padded', [head, note.subarray(0, -1), dataOf(0, 8_000)]],
    ['of several data chunks', [head, dataOf(0, 3_000), note, dataOf(3_000, 8_000)]],
    ['whose first data chunk is empty', [head, dataOf(0, 0), dataOf(0, 8_000)]],
    ['and another one after it', [head, dataOf(0, 3_000), head, dataOf(3_000, 8_000)]],
    ['with something else after it', [head, dataOf(0, 8_000), Buffer.from('\0\0bytes of a tag')]],
  ])('%s is heard whole', async (_, parts) => {
    const source = fromBytes(Buffer.concat(parts), 'parts.wav');
    const heard = await readAll(source);
    expect(heard).toHaveLength(8_000);
    expect(source.durationSamples).toBe(8_000);
    expect(ratioDb(heard, samples, 0, 8_000)).toBeGreaterThan(80);
  });
});
