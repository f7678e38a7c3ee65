import { bestOf, type Figures } from './measure.js';
import type { Score } from './score.js';
import { percent, secondsOf } from './table.js';

/** A figure that was aimed at. */
export interface Goal {
  readonly what: string;
  readonly wanted: string;
  readonly got: string;
  readonly reached: boolean;
}

/** What of a score an error over several recordings needs. */
type Errors = Pick<Score, 'errorRate' | 'speechSeconds'>;

function half(what: string, { errorRate }: Errors, best: Errors): Goal {
  const share = errorRate / best.errorRate;
  return {
    what,
    wanted: `at most half of ${percent(best.errorRate)}`,
    got: `${percent(errorRate)}, ${share.toFixed(2)} of it`,
    reached: share <= 0.5,
  };
}

/** Two scores of one system, by their seconds. */
function together(a: Errors, b: Errors): Errors {
  const speechSeconds = a.speechSeconds + b.speechSeconds;
  const errorSeconds = a.errorRate * a.speechSeconds + b.errorRate * b.speechSeconds;
  return { errorRate: errorSeconds / speechSeconds, speechSeconds };
}

/** What was aimed at, and what came of it; reached or not, all are told. */
export function goalsOf({ ours, corrected, baselines, ami, falseAccepts }: Figures): Goal[] {
  const goals: Goal[] = [];
  if (baselines.length > 0) {
    const best = bestOf(baselines);
    goals.push(
      half(`identification error; best baseline: ${best.name}`, ours, best.score),
      half('the same, corrected', corrected, best.score),
    );
    const [here, ...others] = ami;
    const both = baselines.flatMap(({ name, score }) => {
      const there = others.find((other) => other.name === name)?.score;
      return there === undefined ? [] : [{ there, pooled: together(score, there) }];
    });
    if (here !== undefined && both.length > 0) {
      const least = (scores: readonly Errors[]): Errors =>
        scores.reduce((best, score) => (score.errorRate < best.errorRate ? score : best));
      const pooled = together(ours, here.score);
      goals.push(
        half('identification error, AMI meetings', here.score, least(both.map(({ there }) => there))),
        half(
          'conversations and meetings together, by seconds',
          pooled,
          least(both.map((each) => each.pooled)),
        ),
      );
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
      what: 'label changes / true',
      wanted: '0.8 to 1.2',
      got: ours.changesRatio.toFixed(2),
      reached: ours.changesRatio >= 0.8 && ours.changesRatio <= 1.2,
    },
    {
      what: 'calibration error of finals',
      wanted: 'at most 0.05',
      got: ours.calibration.rate.toFixed(3),
      reached: ours.calibration.rate <= 0.05,
    },
  );
  for (const { asked, named } of falseAccepts) {
    goals.push({
      what: `strangers' turns named, ${percent(asked, 0)} asked for`,
      wanted: `at most ${percent(1.5 * asked)}`,
      got: `${percent(named.turns)} of ${named.turnCount}`,
      reached: named.turns <= 1.5 * asked,
    });
  }
  return goals;
}
