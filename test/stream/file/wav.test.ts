import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromBytes } from '../../../src/stream/file/from-file.js';
import { readAll } from '../../../src/stream/source.js';
import { ratioDb, signal } from '../signal.js';
import { wavFile } from '../wav-file.js';

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
});
