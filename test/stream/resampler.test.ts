import { describe, expect, it } from 'vitest';
import { StreamResampler } from '../../src/stream/resampler.js';
import { loadSpeex } from '../../src/stream/speex.js';
import { ratioDb } from './signal.js';

const RATES_HZ = [8_000, 11_025, 12_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000];

function sine(hz: number, rateHz: number, seconds: number): Float32Array {
  return Float32Array.from(
    { length: Math.round(rateHz * seconds) },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rateHz),
  );
}

async function resample(input: Float32Array, rateHz: number, cut = input.length): Promise<Float32Array> {
  const resampler = await StreamResampler.create(rateHz);
  const parts: number[] = [];
  for (let at = 0; at < input.length; at += cut) parts.push(...resampler.push(input.slice(at, at + cut)));
  parts.push(...resampler.flush());
  resampler.free();
  return Float32Array.from(parts);
}

describe('StreamResampler', () => {
  it.each(RATES_HZ)(
    'from %i Hz keeps tones in the pass band, in place and flat within 0.01 dB',
    async (rateHz) => {
      for (const hz of [60, 300, 1_000, 3_000, 6_000, 7_000].filter((f) => f < rateHz * 0.44)) {
        const output = await resample(sine(hz, rateHz, 0.48), rateHz);
        const expected = sine(hz, 16_000, 0.48);
        expect(output).toHaveLength(expected.length);
        // An error of -59 dB is what a gain off by 0.01 dB would leave; a delay would leave far more.
        expect(ratioDb(output, expected, 1_000, 7_000)).toBeGreaterThan(59);
      }
    },
  );

  it.each([22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000])(
    'from %i Hz rejects tones above the band by at least 100 dB',
    async (rateHz) => {
      for (const hz of [8_300, 9_000, 10_000, 11_900, 15_500, 20_000, 40_000].filter((f) => f < rateHz / 2)) {
        const output = await resample(sine(hz, rateHz, 0.48), rateHz);
        const middle = output.slice(1_000, 7_000);
        const rms = Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
        expect(20 * Math.log10(rms / (0.5 / Math.SQRT2))).toBeLessThan(-100);
      }
    },
  );

  it.each([8_000, 11_025, 44_100, 48_000])(
    'from %i Hz does not depend on how the input is cut',
    async (rateHz) => {
      const input = Float32Array.from({ length: 10_007 }, (_, i) => Math.sin(i * i * 1e-4) * 0.7);
      const whole = await resample(input, rateHz);
      for (const cut of [1, 13, 160, 441, 4_096]) expect(await resample(input, rateHz, cut)).toEqual(whole);
    },
  );

  it('gives round(n * 16000 / rate) samples, even for one', async () => {
    for (const rateHz of RATES_HZ) {
      for (const n of [1, 2, 159, 1_000, 12_345]) {
        const output = await resample(new Float32Array(n).fill(0.1), rateHz);
        expect(output).toHaveLength(Math.round((n * 16_000) / rateHz));
      }
    }
  });

  it('passes 16 kHz through untouched', async () => {
    const resampler = await StreamResampler.create(16_000);
    const input = sine(440, 16_000, 0.01);
    expect(resampler.push(input)).toBe(input);
    expect(resampler.flush()).toHaveLength(0);
  });

  it('runs many streams at once, each on its own', async () => {
    const input = sine(500, 44_100, 0.2);
    const alone = await resample(input, 44_100);
    const many = await Promise.all(Array.from({ length: 100 }, () => StreamResampler.create(44_100)));
    const outputs = many.map(() => [] as number[]);
    for (let at = 0; at < input.length; at += 1_000) {
      many.forEach((resampler, i) => outputs[i]!.push(...resampler.push(input.slice(at, at + 1_000))));
    }
    many.forEach((resampler, i) => {
      outputs[i]!.push(...resampler.flush());
      resampler.free();
    });
    for (const output of outputs) expect(Float32Array.from(output)).toEqual(alone);
  });

  it('gives its memory back', async () => {
    const speex = await loadSpeex();
    const churn = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const resampler = await StreamResampler.create(44_100);
        resampler.push(new Float32Array(5_000));
        resampler.free();
      }
    };
    await churn(50);
    const before = speex.HEAPF32.byteLength;
    await churn(2_000);
    expect(speex.HEAPF32.byteLength).toBe(before);
  });

  it('refuses a rate that makes no sense', async () => {
    for (const rateHz of [0, -1, 44_100.5, 1_000_000, Number.NaN]) {
      await expect(StreamResampler.create(rateHz)).rejects.toMatchObject({ code: 'audio-unsupported' });
    }
  });
});
