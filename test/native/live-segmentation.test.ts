import { describe, expect, it } from 'vitest';
import { LiveSegmentation } from '../../src/native/live-segmentation.js';
import { POWERSET } from '../../src/native/powerset.js';
import type { SampleSpan, WindowSegmenter } from '../../src/native/types.js';
import { Demand } from '../../src/stream/demand.js';
import { segmentationFramesIn, SEGMENTATION_STEP_SAMPLES } from '../../src/stream/geometry.js';

const RATE = 16_000;
const FRAME = SEGMENTATION_STEP_SAMPLES;

/** Hears two voices where the sound is above a half, one elsewhere. Keeps what it was given. */
class Loudness implements WindowSegmenter {
  readonly windows: Float32Array[] = [];
  segment(windows: readonly Float32Array[]): Promise<{ logProbabilities: Float32Array }[]> {
    this.windows.push(...windows);
    return Promise.resolve(
      windows.map((window) => {
        const frames = segmentationFramesIn(window.length);
        const logProbabilities = new Float32Array(frames * POWERSET.length).fill(Math.log(0.01));
        for (let frame = 0; frame < frames; frame++) {
          const likeliest = window[frame * FRAME + 495]! > 0.5 ? 5 : 1;
          logProbabilities[frame * POWERSET.length + likeliest] = Math.log(0.94);
        }
        return { logProbabilities };
      }),
    );
  }
}

/** So many seconds of sound that is loud in [from, to). */
function sound(seconds: number, from: number, to: number): Float32Array {
  return new Float32Array(seconds * RATE).fill(1, from * RATE, to * RATE);
}

async function hear(pieces: readonly { at: number; samples: Float32Array }[], segmenter = new Loudness()) {
  const live = new LiveSegmentation(segmenter, new Demand(1000));
  const together: SampleSpan[] = [];
  let settled = 0;
  for (const { at, samples } of pieces) {
    live.push({ startSample: at, samples });
    const heard = await live.until(at + samples.length);
    if (heard === undefined) continue;
    expect(heard.startSample).toBeGreaterThanOrEqual(settled);
    settled = heard.endSample;
    together.push(...heard.together);
  }
  return { together, settled, segmenter };
}

const cut = (samples: Float32Array, length: number) =>
  Array.from({ length: Math.ceil(samples.length / length) }, (_, i) => ({
    at: i * length,
    samples: samples.subarray(i * length, (i + 1) * length),
  }));

describe('the segmentation of a live stream', () => {
  it('tells where two voices are heard, to a frame, but for the last quarter of a second', async () => {
    const { together, settled } = await hear([{ at: 0, samples: sound(6, 2.1, 3.3) }]);
    expect(settled).toBe(5.75 * RATE);
    expect(together).toHaveLength(1);
    expect(Math.abs(together[0]!.startSample - 2.1 * RATE)).toBeLessThanOrEqual(FRAME);
    expect(Math.abs(together[0]!.endSample - 3.3 * RATE)).toBeLessThanOrEqual(FRAME);
  });

  it('hears the same however the sound is cut', async () => {
    const samples = sound(14, 11.2, 12.05);
    const whole = await hear([{ at: 0, samples }]);
    for (const length of [160, 1234, 8000, 20_011]) {
      const { together, settled } = await hear(cut(samples, length));
      expect(settled).toBe(whole.settled);
      // Told in as many parts as the stream was asked.
      const total = together.reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0);
      expect(total).toBe(whole.together[0]!.endSample - whole.together[0]!.startSample);
      expect(together[0]!.startSample).toBe(whole.together[0]!.startSample);
    }
  });

  it('runs each half second over at most the last 10 s, and never over less than one', async () => {
    const { segmenter } = await hear(cut(sound(25, 0, 0), 4000));
    expect(segmenter.windows).toHaveLength(50);
    expect(segmenter.windows[0]).toHaveLength(RATE);
    expect(segmenter.windows[9]).toHaveLength(5 * RATE);
    expect(new Set(segmenter.windows.slice(20).map(({ length }) => length))).toEqual(new Set([10 * RATE]));
  });

  it('counts what is missing as silence, and begins anew after a long hole', async () => {
    const short = await hear([
      { at: 0, samples: sound(3, 1, 2) },
      { at: 5 * RATE, samples: sound(3, 1, 2) },
    ]);
    expect(short.together).toHaveLength(2);
    expect(Math.abs(short.together[1]!.startSample - 6 * RATE)).toBeLessThanOrEqual(FRAME);
    const long = await hear([
      { at: 0, samples: sound(3, 1, 2) },
      { at: 3600 * RATE, samples: sound(3, 1, 2) },
    ]);
    expect(long.segmenter.windows.length).toBeLessThan(15);
    expect(Math.abs(long.together[1]!.startSample - 3601 * RATE)).toBeLessThanOrEqual(FRAME);
  });

  it('takes each run from the demand until it is done', async () => {
    const demand = new Demand(2);
    let finish = (): void => undefined;
    const live = new LiveSegmentation(
      {
        segment: () =>
          new Promise(
            (resolve) =>
              (finish = () => {
                resolve([{ logProbabilities: new Float32Array() }]);
              }),
          ),
      },
      demand,
    );
    live.push({ startSample: 0, samples: sound(0.5, 0, 0) });
    expect(demand.outstanding).toBe(1);
    finish();
    await live.until(RATE);
    expect(demand.outstanding).toBe(0);
  });

  it('rejects with what the network rejects with', async () => {
    const live = new LiveSegmentation({ segment: () => Promise.reject(new Error('no')) }, new Demand(1));
    live.push({ startSample: 0, samples: sound(0.5, 0, 0) });
    await expect(live.until(RATE)).rejects.toThrow('no');
  });
});
