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
