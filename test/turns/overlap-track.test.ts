import { expect, test } from 'vitest';
import type { EmbeddedWindow } from '../../src/native/types.js';
import { OverlapTrack } from '../../src/turns/overlap-track.js';

const RATE = 16_000;

/** A window of 1.5 s that says so, beginning at so many seconds. */
function window(start: number, overlap: number | undefined): EmbeddedWindow {
  const [startSample, endSample] = [start * RATE, (start + 1.5) * RATE];
  const step = { startSample, endSample, speech: new Uint8Array(150).fill(1) };
  return { startSample, endSample, speechRatio: 1, embedding: Float32Array.of(1), overlap, step };
}

/** Windows every half second that say so, and nothing else. */
function trackOf(...overlaps: readonly (number | undefined)[]): OverlapTrack {
  const track = new OverlapTrack();
  overlaps.forEach((overlap, i) => {
    track.add(window(i / 2, overlap));
  });
  return track;
}

const within = (track: OverlapTrack, from: number, to: number) =>
  track
    .within(from * RATE, to * RATE)
    ?.map(({ startSample, endSample }) => [startSample / RATE, endSample / RATE]);

test('two voices are told where the windows over a moment say so, most those whose middle it is', () => {
  const stretches = within(trackOf(0, 0, 0, 0.5, 0, 0, 0), 0, 4.5)!;
  expect(stretches).toHaveLength(1);
  const [start, end] = stretches[0]!;
  expect(start! + end!).toBeCloseTo(2 * 2.25, 6);
  expect(end! - start!).toBeGreaterThan(0.3);
  expect(end! - start!).toBeLessThan(0.75);
  // Two in a row that say it are one stretch, from the middle of the first to that of the second at least.
  const two = within(trackOf(0, 0, 0, 0.5, 0.5, 0, 0), 0, 4.5)!;
  expect(two).toHaveLength(1);
  expect(two[0]![0]).toBeLessThan(2.25);
  expect(two[0]![1]).toBeGreaterThan(2.75);
});

test('a little everywhere is one voice', () => {
  expect(within(trackOf(0.24, 0.25, 0.2, 0.1, 0.24), 0, 3.5)).toEqual([]);
});

test('what is asked for bounds what is told; less than 0.3 s is not told', () => {
  const track = trackOf(0.9, 0.9, 0.9, 0.9);
  expect(within(track, 0.5, 2)).toEqual([[0.5, 2]]);
  expect(within(track, 0.51, 1.23)).toEqual([[0.51, 1.23]]);
  expect(within(track, 1, 1.25)).toEqual([]);
  expect(within(track, 1, 1.3)).toEqual([[1, 1.3]]);
});

test('what a segmentation network heard counts to the sample, and the windows where it has heard nothing yet', () => {
  const track = new OverlapTrack();
  const together = [
    { startSample: 1 * RATE, endSample: 1.5 * RATE },
    { startSample: 2 * RATE, endSample: 2.09 * RATE },
  ];
  track.add({ ...window(0, 0.9), segmented: { startSample: 0, endSample: 2.5 * RATE, together } });
  for (const start of [0.5, 1, 1.5, 2, 2.5]) track.add(window(start, 0.9));
  // Until 2.5 s the windows do not count, and 0.09 s are too little.
  expect(within(track, 0, 2.5)).toEqual([[1, 1.5]]);
  expect(within(track, 1.2, 4)).toEqual([
    [1.2, 1.5],
    [2.5, 4],
  ]);
  track.forget(1.5 * RATE);
  expect(within(track, 0, 2.5)).toEqual([]);
});

test('what a segmentation network says in parts is one stretch, and goes on in what the windows say', () => {
  const track = new OverlapTrack();
  const parts = [
    [1.65, 1.75],
    [1.75, 2.25],
    [2.25, 2.3],
    [2.7, 2.75],
  ];
  parts.forEach(([from, to], i) => {
    const together = [{ startSample: from! * RATE, endSample: to! * RATE }];
    const segmented = { startSample: from! * RATE, endSample: to! * RATE, together };
    track.add({ ...window(i / 2, 0), segmented });
  });
  // Its last 0.05 s go on.
  const goesOn = { startSample: 2.75 * RATE, endSample: 2.8 * RATE };
  track.add({ ...window(2, 0.9), segmented: { ...goesOn, together: [goesOn] } });
  for (const start of [2.5, 3, 3.5]) track.add(window(start, 0.9));
  expect(within(track, 0, 4)).toEqual([
    [1.65, 2.3],
    [2.7, 4],
  ]);
});

test('a network without a readout is no hindrance to segmentation', () => {
  const track = new OverlapTrack();
  const together = [{ startSample: 0.5 * RATE, endSample: 1 * RATE }];
  track.add({ ...window(0, undefined), segmented: { startSample: 0, endSample: 1.5 * RATE, together } });
  expect(within(track, 0, 1.5)).toEqual([[0.5, 1]]);
  expect(within(track, 1.6, 2)).toBeUndefined();
});

test('of windows that say nothing, or of none, nothing is known', () => {
  expect(within(trackOf(undefined, undefined), 0, 2)).toBeUndefined();
  const track = trackOf(0.9, 0.9, undefined, undefined, undefined);
  expect(within(track, 2.5, 3)).toBeUndefined();
  expect(within(track, 1.5, 3)).toEqual([[1.5, 2]]);
});

test('of what is never settled only the latest is kept', () => {
  const track = trackOf(...Array.from({ length: 1010 }, () => 0.9));
  expect(within(track, 2, 3)).toBeUndefined();
  expect(within(track, 100, 101)).toEqual([[100, 101]]);
});

test('what is settled is forgotten', () => {
  const track = trackOf(0.9, 0.9, 0.9, 0);
  track.forget(2 * RATE);
  expect(within(track, 0, 1)).toBeUndefined();
  expect(within(track, 1, 2)).toEqual([[1, 2]]);
});
