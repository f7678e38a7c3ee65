import { describe, expect, it } from 'vitest';
import { SpeakerModel } from '../../src/index.js';
import { fitCalibration } from '../../src/scoring/fit-calibration.js';
import { measureModel } from '../../src/scoring/measure-model.js';
import { randomNumbers } from '../random.js';

/** A buzz through two resonances: a vowel of one voice, as far as a network is concerned. */
function vowel(pitchHz: number, formantsHz: readonly number[], seed: number): Float32Array {
  const random = randomNumbers(seed);
  const out = new Float32Array(48_000);
  let phase = random();
  for (let i = 0; i < out.length; i++) {
    phase += (pitchHz * (1 + 0.03 * Math.sin(i / 3000 + seed))) / 16_000;
    if (phase >= 1) {
      phase -= 1;
      out[i] = 1;
    }
    out[i]! += 0.01 * (random() - 0.5);
  }
  for (const hz of formantsHz) {
    const r = 0.97;
    const a1 = 2 * r * Math.cos((2 * Math.PI * hz) / 16_000);
    let y1 = 0;
    let y2 = 0;
    for (let i = 0; i < out.length; i++) {
      const y = out[i]! + a1 * y1 - r * r * y2;
      y2 = y1;
      y1 = out[i] = y;
    }
  }
  const level = Math.sqrt(out.reduce((sum, x) => sum + x * x, 0) / out.length);
  return out.map((x) => (0.05 * x) / level);
}

const voices = {
  fingerprint: 'test',
  speakers: Array.from({ length: 24 }, (_, i) => {
    const pitch = 80 + 9 * i;
    const formants = [300 + 31 * ((7 * i) % 24), 900 + 60 * ((11 * i) % 24)];
    return [vowel(pitch, formants, 2 * i + 1), vowel(pitch, formants, 2 * i + 2)] as const;
  }),
};

describe('measureModel', () => {
  it('finds what scores mean: the same each time, one person above others, and says how far it is', async () => {
    const model = await SpeakerModel.fromPretrained();
    try {
      const shares: number[] = [];
      const measures = await measureModel(model, voices, { onProgress: (share) => shares.push(share) });
      expect(measures.cohort).toHaveLength(24);
      for (const row of measures.cohort) expect(Math.hypot(...row)).toBeCloseTo(1, 4);
      expect(measures.scoring.impostorDeviation).toBeGreaterThan(0);
      expect(measures.scoring.genuineMean).toBeGreaterThan(1);
      expect(measures.calibration.scale).toBeGreaterThan(0);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect(shares.at(-1)).toBe(1);
      expect(await measureModel(model, voices)).toEqual(measures);
    } finally {
      model.close();
    }
  });
});

describe('fitCalibration', () => {
  it('finds the slope of two normal kinds, and is 0 where one impostor of a hundred lies above', () => {
    // Of two normal densities of one deviation the log-odds are linear: slope (m1 - m0) / s^2.
    const random = randomNumbers(5);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const targets = Array.from({ length: 20_000 }, () => 0.5 + 0.1 * normal());
    const impostors = Array.from({ length: 20_000 }, () => 0.2 + 0.1 * normal());
    const { scale, offset } = fitCalibration(targets, impostors);
    expect(scale).toBeGreaterThan(28);
    expect(scale).toBeLessThan(32);
    expect(-offset / scale).toBeCloseTo(0.2 + 0.1 * 2.326, 2);
  });

  it('stays finite where the kinds lie close together', () => {
    // Cosines of a weak network: high for everyone. Full steps from anywhere but the answer lead away.
    const random = randomNumbers(6);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const targets = Array.from({ length: 1500 }, () => 0.72 + 0.06 * normal());
    const impostors = Array.from({ length: 20_000 }, () => 0.66 + 0.06 * normal());
    const { scale } = fitCalibration(targets, impostors);
    expect(scale).toBeGreaterThan(14);
    expect(scale).toBeLessThan(20);
  });
});
