import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/evaluate/index.js';
import { meanPower } from '../../../src/acoustics/power.js';
import { speechRegions } from '../../../src/evaluate/simulate/level.js';
import { background } from '../../../src/evaluate/simulate/noise.js';
import { telephone } from '../../../src/acoustics/telephone.js';
import { wavBytes } from '../../../src/evaluate/simulate/wav.js';
import { utterance } from './utterances.js';

function noise(length: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.normal());
}

function tone(hz: number, length = 16_000): Float32Array {
  return Float32Array.from({ length }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / 16_000));
}

describe('telephone', () => {
  const gainDb = (hz: number): number => {
    const heard = telephone(tone(hz)).subarray(2000, 14_000);
    return 10 * Math.log10(meanPower(heard) / meanPower(tone(hz).subarray(2000, 14_000)));
  };

  it('passes its band and nothing else', () => {
    for (const hz of [500, 1000, 3000]) expect(Math.abs(gainDb(hz))).toBeLessThan(0.5);
    for (const hz of [50, 4500, 6000]) expect(gainDb(hz)).toBeLessThan(-30);
  });

  it('does not delay', () => {
    const sound = tone(1000);
    const heard = telephone(sound);
    expect(heard.length).toBe(sound.length);
    let worst = 0;
    for (let i = 2000; i < 14_000; i++) worst = Math.max(worst, Math.abs(heard[i]! - sound[i]!));
    expect(worst).toBeLessThan(0.02);
  });
});

describe('background', () => {
  it('has power 1 and repeats its clips as long as needed', () => {
    const clip = noise(20_000, 5).map((x) => 0.01 * x);
    const made = background([clip, clip.map((x) => -x)], 100_000, new Random(1));
    expect(made.length).toBe(100_000);
    expect(meanPower(made)).toBeCloseTo(1, 3);
    for (let i = 0; i < 100_000; i += 10_000)
      expect(meanPower(made.subarray(i, i + 10_000))).toBeGreaterThan(0.5);
  });

  it('is white noise without clips', () => {
    expect(meanPower(background([], 50_000, new Random(1)))).toBeCloseTo(1, 1);
  });
});

describe('speechRegions', () => {
  it('finds the speech, over short pauses and not over long ones', () => {
    const ends = (pause: number) =>
      speechRegions(utterance('a', 3, 200, pause).samples).map((r) => [r.startSeconds, r.endSeconds]);
    expect(ends(0.2)).toEqual([[0.2, 3.2]]);
    expect(ends(0.6)).toEqual([
      [0.2, 1.4],
      [2, 3.2],
    ]);
    expect(speechRegions(new Float32Array(16_000))).toEqual([]);
  });

  it('takes neither the hiss of a recording for speech, nor a click', () => {
    const { samples } = utterance('a', 3, 200);
    // 30 dB below the voice, as bad recordings have it.
    const hiss = noise(samples.length, 6);
    const heard = samples.map((x, i) => x + 0.0022 * hiss[i]!);
    heard.fill(0.3, 1000, 1100);
    expect(speechRegions(heard)).toEqual([{ startSeconds: 0.2, endSeconds: 3.2 }]);
    // Neither may a voice that never pauses be its own noise.
    expect(speechRegions(utterance('a', 30, 200).samples)).toEqual([{ startSeconds: 0.2, endSeconds: 30.2 }]);
  });
});

describe('wavBytes', () => {
  it('clips what is too loud', () => {
    const bytes = wavBytes(Float32Array.from([0, 2, -2, 0.5]));
    const view = new DataView(bytes.buffer);
    expect([0, 1, 2, 3].map((i) => view.getInt16(44 + 2 * i, true))).toEqual([0, 32767, -32768, 16384]);
    expect(view.getUint32(4, true)).toBe(bytes.length - 8);
  });
});
