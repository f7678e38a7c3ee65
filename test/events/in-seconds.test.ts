import { expect, test } from 'vitest';
import { inSeconds } from '../../src/events/in-seconds.js';

test('every position is told in seconds too, those of stretches inside as well', () => {
  const stretch = { startSample: 16_000, endSample: 24_000 };
  const told = inSeconds({
    type: 'final',
    startSample: 8000,
    endSample: 32_000,
    atSample: 40_000,
    speech: [stretch],
    overlaps: [{ ...stretch, other: null }],
  });
  expect(told).toEqual({
    type: 'final',
    startSample: 8000,
    start: 0.5,
    endSample: 32_000,
    end: 2,
    atSample: 40_000,
    at: 2.5,
    speech: [{ ...stretch, start: 1, end: 1.5 }],
    overlaps: [{ ...stretch, start: 1, end: 1.5, other: null }],
  });
  expect(inSeconds({ type: 'silence', startSample: 16_000, atSample: 16_000 })).toEqual({
    type: 'silence',
    startSample: 16_000,
    start: 1,
    atSample: 16_000,
    at: 1,
  });
});
