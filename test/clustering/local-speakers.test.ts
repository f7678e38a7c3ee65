import { describe, expect, it } from 'vitest';
import {
  columnsBetween,
  columnWeights,
  localMasks,
  windowActivity,
  withoutLeaks,
  type MaskSettings,
} from '../../src/clustering/local-speakers.js';

const FRAME_SECONDS = 270 / 16_000;
const frames = (seconds: number): number => Math.round(seconds / FRAME_SECONDS);
const SETTINGS: MaskSettings = { soloSeconds: 0.5, minSeconds: 0.1, splitGapSeconds: 0.2, partSeconds: 1 };

/** Stretches of one class each, seconds. */
function activityOf(...stretches: readonly (readonly [index: number, seconds: number])[]) {
  const classes = Uint8Array.from(
    stretches.flatMap(([index, seconds]) => new Array<number>(frames(seconds)).fill(index)),
  );
  return { frames: classes.length, classes, probabilities: new Uint8Array(3 * classes.length) };
}

describe('windowActivity', () => {
  it('takes the likeliest class of a frame, and adds up the classes that hold a speaker', () => {
    const odds = [0.1, 0.2, 0.05, 0, 0.5, 0.15, 0].map((p) => Math.log(p + 1e-9));
    const { frames: count, classes, probabilities } = windowActivity(Float32Array.from(odds));
    expect(count).toBe(1);
    expect([...classes]).toEqual([4]);
    expect([...probabilities]).toEqual([0.85, 0.55, 0.15].map((p) => Math.round(255 * p)));
  });
});

describe('withoutLeaks', () => {
  it('leaves out a voice that mostly leaks, its late beginning too, and keeps one that is now and then taken for a leak', () => {
    const one = { ...activityOf([1, 2], [0, 0.4], [2, 2]) };
    const whole = { ...one, probabilities: one.probabilities.fill(200) };
    const [leakFrom, leakTo, pauseTo] = [frames(0.1), frames(2), frames(2) + frames(0.4)];
    // The first voice leaks, and is told 0.1 s late; of the second every fifth frame is taken for a leak.
    const isLeak = (frame: number): boolean =>
      frame < leakTo ? frame >= leakFrom : frame >= pauseTo && frame % 5 === 0;
    const { classes, probabilities } = withoutLeaks(whole, isLeak, 0.25);
    expect(classes.subarray(0, leakTo).every((index) => index === 0)).toBe(true);
    expect(probabilities.subarray(0, 3 * leakTo).every((probability) => probability === 0)).toBe(true);
    expect(classes.subarray(pauseTo).every((index) => index === 2)).toBe(true);
    expect(probabilities.subarray(3 * pauseTo).every((probability) => probability === 200)).toBe(true);
  });
});

describe('localMasks', () => {
  it('cuts at a pause, where either side is long enough to stand alone', () => {
    const masks = localMasks(activityOf([1, 1.5], [0, 0.4], [1, 2], [0, 0.4], [1, 0.5]), SETTINGS);
    expect(masks.map(({ local }) => local)).toEqual([0, 0]);
    expect(masks[0]!.seconds).toBeCloseTo(1.5, 1);
    expect(masks[1]!.seconds).toBeCloseTo(2.5, 1);
    expect([masks[0]!.from, masks[0]!.to, masks[1]!.to]).toEqual([0, masks[1]!.from, masks[1]!.mask.length]);
  });

  it('leaves overlap out where enough is left, and takes all where it is not', () => {
    const [first, second] = localMasks(activityOf([1, 1], [4, 2], [2, 0.2]), SETTINGS);
    expect(first!.seconds).toBeCloseTo(1, 1);
    expect(second!.seconds).toBeCloseTo(2.2, 1);
  });

  it('passes over what is too short to embed', () => {
    expect(localMasks(activityOf([3, 0.05], [0, 2]), SETTINGS)).toEqual([]);
  });
});

describe('columnWeights', () => {
  it('gives a column the mean of the frames about its centre', () => {
    const mask = new Uint8Array(589).fill(1, 200, 300);
    const start = 160_000;
    const range = columnsBetween(start, start + 160_000);
    expect(range.to - range.from).toBe(125);
    const weights = columnWeights(mask, start, range);
    const seconds = weights.reduce((sum, weight) => sum + weight, 0) * 0.08;
    expect(seconds).toBeCloseTo(100 * FRAME_SECONDS, 1);
    const middle =
      weights.reduce((sum, weight, i) => sum + weight * (i + range.from) * 0.08, 0) / (seconds / 0.08);
    // Centres: of column 0 at 12.5 ms; of the mask at the 250th frame of the window, whose centre is 495 samples in.
    expect(middle + 0.0125).toBeCloseTo((start + 249.5 * 270 + 495) / 16_000, 1);
    expect(weights.every((weight) => weight >= 0 && weight <= 1)).toBe(true);
  });
});
