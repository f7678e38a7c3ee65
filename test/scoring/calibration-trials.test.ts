import { describe, expect, it } from 'vitest';
import { calibrationTrials } from '../../src/scoring/index.js';
import { randomNumbers } from '../random.js';
import { MODEL, profileFor, randomVoice, windowsOf, type Part } from '../tracker/synthetic.js';

const random = randomNumbers(5);
const [alice, bob] = [randomVoice(random), randomVoice(random)];

/** Speech behind each stretch of one recording of Alice, longest first. */
function secondsOf(parts: readonly Part[]): number[] {
  const people = [
    { profile: profileFor('alice', alice), tests: [windowsOf(parts)] },
    { profile: profileFor('bob', bob), tests: [] },
  ];
  const trials = calibrationTrials({ ...MODEL, cohort: undefined }, people);
  return trials
    .filter(({ isSame }) => isSame)
    .map(({ seconds }) => seconds)
    .sort((a, b) => b - a);
}

describe('the trials of a calibration', () => {
  it('have the speech of their windows behind them, each second once', () => {
    // Windows of 1.5 s every 0.5 s: eight of them are 5 s.
    const seconds = secondsOf([{ voice: alice, seconds: 5 }]);
    expect(seconds[0]).toBeCloseTo(5, 9);
    expect(seconds.at(-1)).toBeCloseTo(1.5, 9);
  });

  it('count no pause as speech', () => {
    const speech = { voice: alice, seconds: 2 };
    const pause = { voice: null, seconds: 10 };
    const seconds = secondsOf([speech, pause, speech, pause, speech]);
    expect(seconds[0]).toBeLessThan(6);
    expect(seconds[0]).toBeGreaterThan(4);
    // Half a window of speech is half as much.
    expect(seconds.at(-1)).toBeLessThan(1.1);
    expect(seconds.at(-1)).toBeGreaterThanOrEqual(0.75);
  });
});
