import { describe, expect, it } from 'vitest';
import { fitScoring, type ScoredTrial } from '../../src/scoring/fit-scoring.js';
import { randomNumbers } from '../random.js';

const TRUE = {
  impostorMean: 0.2,
  impostorDeviation: 1.1,
  genuineMean: 2.6,
  genuineGrowth: 0.8,
  turnDeviation: 0.4,
  streamDeviation: 0.9,
};

/** Trials drawn from the model itself. */
function trials(streams: number): ScoredTrial[] {
  const random = randomNumbers(11);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const raw = (standard: number): number => TRUE.impostorMean + TRUE.impostorDeviation * standard;
  return Array.from({ length: streams }, (_, stream) => {
    const level = TRUE.streamDeviation * normal();
    return [1.5, 1.5, 3, 3, 6].flatMap((seconds): ScoredTrial[] => {
      const amount = Math.log(seconds / 1.5);
      const turn = TRUE.turnDeviation * Math.exp(-amount / 2) * normal();
      const own = TRUE.genuineMean + TRUE.genuineGrowth * amount + level + turn;
      const others = Array.from({ length: 10 }, () => ({ score: raw(normal()), isSame: false }));
      return [{ score: raw(own), isSame: true }, ...others].map((trial) => ({ ...trial, seconds, stream }));
    });
  }).flat();
}

describe('the fit of what scores mean', () => {
  it('finds the parameters that the scores were drawn with', () => {
    const fitted = fitScoring(trials(2000));
    for (const [name, value] of Object.entries(TRUE)) {
      expect(Math.abs(fitted[name as keyof typeof TRUE] - value), name).toBeLessThan(0.05);
    }
  });

  it('is led by the tail of the strangers, not by where most of them lie', () => {
    const crowded = trials(2000).map((trial) =>
      !trial.isSame && trial.score < TRUE.impostorMean + TRUE.impostorDeviation
        ? { ...trial, score: -3 }
        : trial,
    );
    const fitted = fitScoring(crowded);
    expect(Math.abs(fitted.impostorMean - TRUE.impostorMean)).toBeLessThan(0.05);
    expect(Math.abs(fitted.impostorDeviation - TRUE.impostorDeviation)).toBeLessThan(0.05);
  });

  it('stays near the default where there is next to nothing to fit', () => {
    const fitted = fitScoring(trials(1));
    for (const value of Object.values(fitted)) expect(Number.isFinite(value)).toBe(true);
    expect(fitted.turnDeviation).toBeGreaterThan(0.4);
    expect(fitted.streamDeviation).toBeGreaterThan(0.3);
  });
});
