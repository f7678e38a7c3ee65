import { describe, expect, it } from 'vitest';
import { Fbank } from '../../src/fbank/fbank.js';
import { melTriangles } from '../../src/fbank/mel-triangles.js';
import { PowerSpectrum } from '../../src/fbank/power-spectrum.js';
import { MEL_BINS } from '../../src/fbank/types.js';
import { frameBlock } from './frame-block.js';
import { randomNumbers } from '../random.js';
import { voice } from './signals.js';

describe('PowerSpectrum', () => {
  it('agrees with the sum that defines it', () => {
    const random = randomNumbers(5);
    const samples = Float32Array.from({ length: 512 }, () => random() - 0.5);
    const power = new Float64Array(256);
    const spectrum = new PowerSpectrum();
    samples.forEach((x, n) => ((n % 2 === 0 ? spectrum.even : spectrum.odd)[n >> 1] = x));
    spectrum.compute(power);
    const naive = power.map((_, k) => {
      let re = 0;
      let im = 0;
      samples.forEach((x, n) => {
        re += x * Math.cos((2 * Math.PI * k * n) / 512);
        im -= x * Math.sin((2 * Math.PI * k * n) / 512);
      });
      return re * re + im * im;
    });
    const worst = naive.reduce((max, p, k) => Math.max(max, Math.abs(p - power[k]!)), 0);
    expect(worst).toBeLessThan(1e-9);
    expect(Math.max(...power)).toBeGreaterThan(10);
  });
});

describe('melTriangles', () => {
  const { first, count, weights } = melTriangles();
  it('has 80 filters of at least one bin, the sum of weights right between corners', () => {
    expect(first.length).toBe(MEL_BINS);
    expect(Math.min(...count)).toBeGreaterThan(0);
    const sum = new Float64Array(256);
    let w = 0;
    first.forEach((start, bin) => {
      for (let k = 0; k < count[bin]!; k++) sum[start + k]! += weights[w++]!;
    });
    expect(w).toBe(weights.length);
    // Neighbouring triangles add up to one between the first and the last peak.
    for (let k = 2; k < 245; k++) expect(sum[k]).toBeCloseTo(1, 3);
    expect(sum[0]).toBe(0);
  });
});

describe('Fbank', () => {
  const samples = voice(1, 150);
  const block = frameBlock(samples);

  it('finds a tone in the triangle that holds it', () => {
    const tone = Float32Array.from(
      { length: 400 },
      (_, i) => 0.5 * Math.sin((2 * Math.PI * 1000 * i) / 16_000),
    );
    const features = new Fbank().compute(frameBlock(tone));
    // 1000 Hz is 1000 mel; (1000 - 31.75) / 34.67 = 27.9 steps above 20 Hz: the peak of triangle 27.
    expect(features.indexOf(Math.max(...features))).toBe(27);
  });

  it('floors silence at the logarithm of FLT_EPSILON', () => {
    const features = new Fbank().compute(frameBlock(new Float32Array(400)));
    expect(features.every((v) => v === Math.fround(Math.log(2 ** -23)))).toBe(true);
  });

  it('gives each frame bit for bit the same in any block', () => {
    const fbank = new Fbank();
    const whole = fbank.compute(block);
    for (let i = block.count - 1; i >= 0; i--) {
      const one = fbank.compute({
        startSample: i * 160,
        count: 1,
        samples: block.samples.subarray(i * 400, i * 400 + 400),
      });
      expect(one).toEqual(whole.subarray(i * MEL_BINS, (i + 1) * MEL_BINS));
    }
  });

  it('leaves its input as it was', () => {
    const before = block.samples.slice();
    new Fbank().compute(block);
    expect(block.samples).toEqual(before);
  });
});
