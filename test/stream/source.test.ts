import { describe, expect, it, vi } from 'vitest';
import { createSource, fromSamples, readAll, realTime } from '../../src/stream/source.js';
import { ratioDb, signal } from './signal.js';

describe('fromSamples', () => {
  it('brings any rate to 16 kHz', async () => {
    const source = fromSamples(signal(44_100), 44_100);
    expect(source.durationSamples).toBe(32_000);
    const samples = await readAll(source);
    expect(ratioDb(samples, signal(16_000), 400, 31_600)).toBeGreaterThan(100);
  });

  it('gives nothing for nothing', async () => {
    expect(await readAll(fromSamples(new Float32Array(0)))).toHaveLength(0);
  });
});

describe('readAll', () => {
  it('leaves zeros where audio was lost', async () => {
    const source = createSource({
      live: true,
      // eslint-disable-next-line @typescript-eslint/require-await
      async *open() {
        yield { startSample: 0, samples: Float32Array.of(1, 2) };
        yield { startSample: 4, samples: Float32Array.of(3) };
      },
    });
    expect([...(await readAll(source))]).toEqual([1, 2, 0, 0, 3]);
  });
});

describe('realTime', () => {
  it('hands out the same samples, none before its time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance', 'Date'] });
    try {
      const samples = signal(16_000, 1);
      let got = 0;
      const whole: number[] = [];
      const reading = (async () => {
        for await (const chunk of realTime(fromSamples(samples))) {
          got += chunk.samples.length;
          whole.push(...chunk.samples);
        }
      })();
      await vi.advanceTimersByTimeAsync(450);
      expect(got).toBeLessThanOrEqual(16_000 * 0.45);
      await vi.advanceTimersByTimeAsync(2_000);
      await reading;
      expect(Float32Array.from(whole)).toEqual(samples);
    } finally {
      vi.useRealTimers();
    }
  });
});
