import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromBytes, fromFile, readAll } from '../../../src/stream/index.js';
import { encodeFlac } from '../../../src/stream/file/flac-encode.js';
import { AUDIO } from '../../helpers.js';

const quantised = (samples: Float32Array): Int16Array =>
  Int16Array.from(samples, (x) => Math.max(-32768, Math.min(32767, Math.round(x * 32768))));
const decoded = async (bytes: Uint8Array): Promise<Float32Array> => readAll(fromBytes(bytes, 'kept.flac'));

test('speech comes back from the decoder bit for bit, in far fewer bytes', async () => {
  const samples = await readAll(fromFile(`${AUDIO}/alice.wav`));
  const bytes = await encodeFlac(samples);
  expect(quantised(await decoded(bytes))).toEqual(quantised(samples));
  const wav = readFileSync(`${AUDIO}/alice.wav`).length;
  expect(bytes.length / wav).toBeLessThan(0.75);
});

test.each<[string, (i: number) => number]>([
  ['silence', () => 0],
  ['white noise as loud as can be', () => 2 * Math.random() - 1],
  ['what is clipped', (i) => 3 * Math.sin(i)],
  ['a square wave of extremes', (i) => (i % 2 === 0 ? -1 : 1)],
  ['one value alone', () => 0.25],
])('%s comes back, whatever the length', async (_, value) => {
  for (const length of [1, 2, 5, 4095, 4096, 4097, 131 * 4096 + 17]) {
    const samples = Float32Array.from({ length }, (_, i) => value(i));
    const back = quantised(await decoded(await encodeFlac(samples)));
    expect(back.length, `${length}`).toBe(length);
    // The decoder's samples are of 32767, and not of 32768.
    const wanted = quantised(samples);
    expect(back.every((x, i) => Math.abs(x - wanted[i]!) <= 1)).toBe(true);
  }
});
