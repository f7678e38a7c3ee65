import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MEL_BINS, type FeatureBlock, type FeatureWindow } from '../../src/fbank/types.js';
import { Windower, type WindowOptions } from '../../src/fbank/windower.js';
import { randomNumbers } from '../random.js';

/** Frame i holds i + bin in every bin and is speech where i % 3 is 0. */
function block(startSample: number, from: number, count: number): FeatureBlock {
  const features = Float32Array.from(
    { length: count * MEL_BINS },
    (_, k) => from + Math.floor(k / MEL_BINS) + (k % MEL_BINS),
  );
  const speech = Uint8Array.from({ length: count }, (_, i) => ((from + i) % 3 === 0 ? 1 : 0));
  return { startSample, count, features, speech };
}

function run(frames: number, cut: () => number, startSample = 0): FeatureWindow[] {
  const windower = new Windower();
  const windows: FeatureWindow[] = [];
  for (let at = 0; at < frames;) {
    const count = Math.min(cut(), frames - at);
    windows.push(...windower.push(block(startSample + at * 160, at, count)));
    at += count;
  }
  return [...windows, ...windower.flush()];
}

/** Windows with their features as a digest: comparing whole arrays is slow. */
const digest = (windows: FeatureWindow[]) =>
  windows.map((w) => ({ ...w, features: createHash('sha256').update(w.features).digest('hex') }));
const spans = (windows: FeatureWindow[]) => windows.map((w) => [w.startSample, w.endSample, w.frames]);
const steps = (windows: FeatureWindow[]) => windows.map((w) => [w.step.startSample, w.step.endSample]);

describe('Windower', () => {
  it('makes a window of 148 frames every 50 frames, and steps that tile the stream', () => {
    const windows = run(148 + 50 + 20, () => 1000);
    expect(spans(windows)).toEqual([
      [0, 23_920, 148],
      [8_000, 31_920, 148],
      [11_200, 35_120, 148],
    ]);
    expect(steps(windows)).toEqual([
      [0, 148 * 160],
      [148 * 160, 198 * 160],
      [198 * 160, 217 * 160 + 400],
    ]);
    expect(windows.map((w) => w.step.speech.length)).toEqual([148, 50, 20]);
    const flags = windows.flatMap((w) => [...w.step.speech]);
    expect(flags).toEqual(Array.from({ length: 218 }, (_, i) => (i % 3 === 0 ? 1 : 0)));
  });

  it('subtracts the mean over the window from each bin, and counts its speech', () => {
    const [first, second] = run(198, () => 7);
    expect(first!.features[0]).toBe(-73.5);
    expect(first!.features[147 * MEL_BINS + 79]).toBe(73.5);
    expect(second!.features[0]).toBe(-73.5);
    expect(first!.speechRatio).toBe(50 / 148);
    expect(second!.speechRatio).toBe(49 / 148);
  });

  it('gives the same windows however the frames are cut', () => {
    const random = randomNumbers(3);
    const whole = digest(run(1234, () => 1234, 480));
    expect(whole.length).toBe(1 + Math.floor((1234 - 148) / 50) + 1);
    expect(digest(run(1234, () => 1, 480))).toEqual(whole);
    for (let i = 0; i < 5; i++) {
      expect(digest(run(1234, () => 1 + Math.floor(random() * 400), 480))).toEqual(whole);
    }
  });

  it('adds no window at the end where the last frame is covered already', () => {
    expect(run(198, () => 10).length).toBe(2);
    expect(run(199, () => 10).length).toBe(3);
  });

  it('gives a stream shorter than a window as one short window', () => {
    const [only, ...rest] = run(30, () => 4);
    expect(rest).toEqual([]);
    expect(only).toMatchObject({ startSample: 0, endSample: 29 * 160 + 400, frames: 30 });
    expect(only!.features.length).toBe(30 * MEL_BINS);
    expect(only!.step).toMatchObject({ startSample: 0, endSample: 29 * 160 + 400 });
  });

  it('gives nothing for a stream without a frame', () => {
    const windower = new Windower();
    expect(windower.push(block(0, 0, 0))).toEqual([]);
    expect(windower.flush()).toEqual([]);
  });

  it('closes the run at a gap and starts another behind it', () => {
    const windower = new Windower();
    const windows = [
      ...windower.push(block(0, 0, 160)),
      ...windower.push(block(100_000, 0, 20)),
      ...windower.push(block(100_000 + 20 * 160, 20, 20)),
      ...windower.flush(),
    ];
    expect(spans(windows)).toEqual([
      [0, 23_920, 148],
      [12 * 160, 159 * 160 + 400, 148],
      [100_000, 100_000 + 39 * 160 + 400, 40],
    ]);
    expect(steps(windows)).toEqual([
      [0, 148 * 160],
      [148 * 160, 159 * 160 + 400],
      [100_000, 100_000 + 39 * 160 + 400],
    ]);
    expect(windower.flush()).toEqual([]);
  });

  it('takes other lengths and steps', () => {
    const windower = new Windower({ windowMs: 500, stepMs: 100 });
    expect(spans(windower.push(block(0, 0, 68)))).toEqual([
      [0, 7_920, 48],
      [1_600, 9_520, 48],
      [3_200, 11_120, 48],
    ]);
  });

  it('leaves the windows it gave untouched when it goes on', () => {
    const windower = new Windower();
    const [first] = windower.push(block(0, 0, 148));
    const before = structuredClone(first);
    windower.push(block(148 * 160, 148, 1000));
    expect(first).toEqual(before);
  });

  it.each([
    [{ stepMs: 105 }, 'stepMs'],
    [{ windowMs: 600, stepMs: 700 }, 'stepMs'],
    [{ windowMs: 100 }, 'windowMs'],
    [{ window: 1500 }, 'window'],
  ])('rejects %o', (options, name) => {
    expect(() => new Windower(options as WindowOptions)).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
    expect(() => new Windower(options as WindowOptions)).toThrow(name);
  });
});
