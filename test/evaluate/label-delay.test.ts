import { describe, expect, it } from 'vitest';
import { labelDelay, percentile } from '../../src/evaluate/index.js';
import type { IdentifyEvent } from '../../src/events/events.js';
import { tentativeOf } from '../events/build.js';
import { turnsOf } from './turns-of.js';

const speaker = (name: string, start: number, end: number): IdentifyEvent =>
  tentativeOf({ turn: 0, revision: 0, speaker: name, start, end });

function silence(atSeconds: number): IdentifyEvent {
  return { type: 'silence', startSample: atSeconds * 16_000, atSample: atSeconds * 16_000 };
}

describe('labelDelay', () => {
  it('measures from each change to the first right name', () => {
    const reference = turnsOf('alice 1 4, alice 5 8, bob 10 14, eve 14 20, alice 20 22');
    const events = [
      speaker('alice', 1, 1.5),
      silence(9),
      speaker('alice', 10, 11),
      speaker('bob', 10, 12),
      speaker('unknown', 14, 17),
      speaker('alice', 20, 22.5),
    ];
    // alice 0.5 s, bob 2 s although his turn is dated back to 10, eve 3 s; alice came after her turn.
    expect(labelDelay(reference, events, ['alice', 'bob'])).toEqual({
      changes: 4,
      missed: 1,
      delaysSeconds: [0.5, 2, 3],
      p50Seconds: 2,
      p90Seconds: 2.8,
    });
  });

  it('counts no delay where the right name stands already', () => {
    const events = [speaker('alice', 0, 1)];
    expect(labelDelay(turnsOf('alice 0 2, bob 2 3, alice 3 5'), events, ['alice', 'bob'])).toMatchObject({
      changes: 3,
      missed: 1,
      delaysSeconds: [1, 0],
    });
  });

  it('does not take a name from before a silence', () => {
    const events = [speaker('alice', 0, 1), silence(2), speaker('alice', 6, 7)];
    expect(labelDelay(turnsOf('bob 0 2, alice 6 8'), events, ['alice', 'bob']).delaysSeconds).toEqual([1]);
  });

  it('knows an empty reference', () => {
    expect(labelDelay([], [], [])).toEqual({
      changes: 0,
      missed: 0,
      delaysSeconds: [],
      p50Seconds: NaN,
      p90Seconds: NaN,
    });
  });
});

describe('percentile', () => {
  it('interpolates', () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(percentile([7], 0.9)).toBe(7);
  });
});
