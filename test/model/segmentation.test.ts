import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { toHalf } from '../../src/model/dtype.js';
import {
  BUNDLED_MODEL_FOLDER,
  BUNDLED_SEGMENTATION_FOLDER,
  encodeSegmentation,
  readAnyModel,
  readModel,
  readSegmentation,
  type SegmentationWeights,
} from '../../src/model/index.js';
import { sincFilters } from '../../src/model/segmentation/sinc-filters.js';
import { testFolder } from './files/folder.js';
import { stateDictPickle, torchFile } from './files/pickle-file.js';
import { safetensorsFile } from './files/safetensors-file.js';
import { lightningFile } from './files/segmentation-file.js';

const folder = testFolder();
let bundled: SegmentationWeights;
let files = 0;

beforeAll(async () => {
  bundled = await readSegmentation(BUNDLED_SEGMENTATION_FOLDER);
});

function read(bytes: Uint8Array): Promise<SegmentationWeights> {
  const path = join(folder, `weights-${files++}`);
  writeFileSync(path, bytes);
  return readSegmentation(path);
}

describe('segmentation weights', () => {
  it('come with the package', () => {
    expect(bundled.name).toBe('segmentation-3.0');
    expect(bundled.tensors.get('classifier.weight')!.shape).toEqual([7, 128]);
    expect(bundled.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are the same however they are written', async () => {
    expect((await read(encodeSegmentation(bundled))).fingerprint).toBe(bundled.fingerprint);
    // The bundled ones are halves already.
    expect((await read(encodeSegmentation(bundled, { halves: true }))).fingerprint).toBe(bundled.fingerprint);
    const plain = stateDictPickle(bundled.tensors);
    expect((await read(torchFile(plain, bundled.tensors))).fingerprint).toBe(bundled.fingerprint);
    expect((await read(lightningFile(bundled))).fingerprint).toBe(bundled.fingerprint);
  });

  it('of another segmentation network are refused with their shape', async () => {
    const three = new Map(bundled.tensors);
    three.set('classifier.weight', { shape: [3, 128], data: new Float32Array(3 * 128) });
    await expect(read(safetensorsFile(three))).rejects.toMatchObject({
      code: 'model-shape',
      message: expect.stringMatching(
        /"classifier\.weight": expected \[7, 128\], received \[3, 128\].*segmentation-3\.0/,
      ) as string,
    });
    three.delete('classifier.weight');
    await expect(read(safetensorsFile(three))).rejects.toMatchObject({
      code: 'model-shape',
      message: expect.stringMatching(/received none/) as string,
    });
    const more = new Map(bundled.tensors).set('extra', { shape: [1], data: new Float32Array(1) });
    await expect(read(safetensorsFile(more))).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(/"extra"/) as string,
    });
    const broken = new Map(bundled.tensors);
    broken.set('linear.0.bias', { shape: [128], data: new Float32Array(128).fill(NaN) });
    await expect(read(safetensorsFile(broken))).rejects.toMatchObject({ code: 'model-corrupt' });
  });

  it('and those of an embedding are told apart', async () => {
    await expect(readModel(BUNDLED_SEGMENTATION_FOLDER)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(/SegmentationModel/) as string,
    });
    await expect(readSegmentation(BUNDLED_MODEL_FOLDER)).rejects.toMatchObject({
      code: 'model-unsupported',
    });
    expect((await readAnyModel(BUNDLED_SEGMENTATION_FOLDER)).kind).toBe('segmentation');
    expect((await readAnyModel(BUNDLED_MODEL_FOLDER)).kind).toBe('embedding');
  });
});

describe('sinc filters', () => {
  it('are pairs of a mirrored and a counter-mirrored band-pass', () => {
    const window = new Float32Array(125).fill(1);
    const filters = sincFilters({ low: Float32Array.of(950), band: Float32Array.of(450), window });
    // Only the first of 40 bands is given here.
    const even = filters.subarray(0, 251);
    const odd = filters.subarray(251, 502);
    expect(even[125]).toBe(1);
    expect(odd[125]).toBe(0);
    const gain = (filter: Float32Array, hz: number): number => {
      let [re, im] = [0, 0];
      for (const [i, x] of filter.entries()) {
        re += x * Math.cos((2 * Math.PI * hz * (i - 125)) / 16_000);
        im += x * Math.sin((2 * Math.PI * hz * (i - 125)) / 16_000);
      }
      return Math.hypot(re, im);
    };
    // 1,000 to 1,500 Hz.
    for (const filter of [even, odd]) {
      expect(gain(filter, 1250)).toBeGreaterThan(5 * gain(filter, 600));
      expect(gain(filter, 1250)).toBeGreaterThan(5 * gain(filter, 2200));
    }
  });
});

describe('toHalf', () => {
  it('is the nearest of all halves', () => {
    const value = (bits: number): number => {
      const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
      const sign = bits & 0x8000 ? -1 : 1;
      return exponent === 0
        ? sign * fraction * 2 ** -24
        : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    };
    const wrong: number[] = [];
    const check = (number: number, half: number): void => {
      if (toHalf(number) !== half) wrong.push(number);
    };
    for (let bits = 0; bits < 0x7c00; bits++) {
      check(value(bits), bits);
      check(-value(bits), bits | 0x8000);
      if (bits + 1 === 0x7c00) break;
      const middle = (value(bits) + value(bits + 1)) / 2;
      check(middle, bits % 2 === 0 ? bits : bits + 1);
      check(middle * (1 + 1e-6), bits + 1);
    }
    expect(wrong).toEqual([]);
    expect(toHalf(1e9)).toBe(0x7c00);
    expect(toHalf(-Infinity)).toBe(0xfc00);
    expect(toHalf(NaN)).toBe(0x7e00);
  });
});
