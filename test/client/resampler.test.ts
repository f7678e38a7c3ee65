import { describe, expect, it } from 'vitest';
import { Resampler } from '../../src/client/resampler.js';

const tone = (hz: number, rateHz: number, seconds: number): Float32Array =>
  Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / rateHz),
  );

function resample(samples: Float32Array, rateHz: number, cut = samples.length): Float32Array {
  const resampler = new Resampler(rateHz);
  const parts: Float32Array[] = [];
  for (let at = 0; at < samples.length; at += cut) parts.push(resampler.push(samples.subarray(at, at + cut)));
  parts.push(resampler.flush());
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
const inner = (samples: Float32Array): Float32Array => samples.subarray(2000, samples.length - 2000);

describe('Resampler', () => {
  for (const rateHz of [8000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000]) {
    it(`${rateHz} Hz: a tone keeps its level, phase and length`, () => {
      const out = resample(tone(1000, rateHz, 1), rateHz);
      expect(out.length).toBe(16_000);
      const want = tone(1000, 16_000, 1);
      expect(rms(inner(out.map((x, i) => x - want[i]!)))).toBeLessThan(1e-3);
    });
  }

  for (const rateHz of [44_100, 48_000, 96_000]) {
    it(`${rateHz} Hz: what 16 kHz cannot hold is 75 dB down`, () => {
      for (const hz of [8050, 9000, 12_000, 15_900, rateHz * 0.45]) {
        const out = inner(resample(tone(hz, rateHz, 1), rateHz));
        expect(20 * Math.log10(rms(out) / Math.SQRT1_2), `${hz} Hz`).toBeLessThan(-75);
      }
    });
  }

  it('does not depend on how the input was cut', () => {
    const noise = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i * 0.37) * Math.cos(i * 1.7));
    const whole = resample(noise, 44_100);
    for (const cut of [1, 7, 128, 1024]) expect(resample(noise, 44_100, cut)).toEqual(whole);
  });

  it('refuses a rate that no sound card has', () => {
    for (const rateHz of [7999, 44_101, 48_000.5, NaN])
      expect(() => new Resampler(rateHz)).toThrow(expect.objectContaining({ code: 'audio-format' }));
  });
});
