import { bestOf, type Figures } from './measure.js';
import { percent, secondsOf } from './table.js';

/** A figure that was aimed at. */
export interface Goal {
  readonly what: string;
  readonly wanted: string;
  readonly got: string;
  readonly reached: boolean;
}

/** What was aimed at, and what came of it; reached or not, all are told. */
export function goalsOf({ ours, corrected, baselines, falseAccepts }: Figures): Goal[] {
  const goals: Goal[] = [];
  if (baselines.length > 0) {
    const best = bestOf(baselines);
    for (const [what, { errorRate }] of [
      [`identification error, beside the best baseline's: ${best.name}`, ours],
      ['the same, once corrections are applied', corrected],
    ] as const) {
      const share = errorRate / best.score.errorRate;
      goals.push({
        what,
        wanted: `at most half of ${percent(best.score.errorRate)}`,
        got: `${percent(errorRate)}, ${share.toFixed(2)} of it`,
        reached: share <= 0.5,
      });
    }
  }
  goals.push(
    {
      what: 'median delay to the right name',
      wanted: 'at most 1.5 s',
      got: secondsOf(ours.tentative.p50Seconds),
      reached: ours.tentative.p50Seconds <= 1.5,
    },
    {
      what: 'label changes, of the true number',
      wanted: '0.8 to 1.2',
      got: ours.changesRatio.toFixed(2),
      reached: ours.changesRatio >= 0.8 && ours.changesRatio <= 1.2,
    },
    {
      what: 'expected calibration error of the finals',
      wanted: 'at most 0.05',
      got: ours.calibration.rate.toFixed(3),
      reached: ours.calibration.rate <= 0.05,
    },
  );
  for (const { asked, named } of falseAccepts) {
    goals.push({
      what: `turns of strangers that are named, where ${percent(asked, 0)} was asked for`,
      wanted: `at most ${percent(1.5 * asked)}`,
      got: `${percent(named.turns)} of ${named.turnCount}`,
      reached: named.turns <= 1.5 * asked,
    });
  }
  return goals;
}
