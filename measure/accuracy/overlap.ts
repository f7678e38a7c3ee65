import { identificationError, overlapScore, type OverlapScore } from 'whospeaks/evaluate';
import type { Answer } from './score.js';

/** How overlap is told over recordings; seconds and stretches are summed. */
export interface OverlapFigures extends OverlapScore {
  readonly speechSeconds: number;
}

export function overlapFigures(answers: readonly Answer[]): OverlapFigures {
  const scores = answers.map(({ recording: { turns, enrolled }, events }) => ({
    ...overlapScore(
      turns,
      events,
      enrolled.map(({ name }) => name),
    ),
    speechSeconds: identificationError(turns, [], { enrolled: [] }).speechSeconds,
  }));
  return scores.reduce((sum, score) => {
    const keys = Object.keys(score) as (keyof OverlapFigures)[];
    return Object.fromEntries(keys.map((key) => [key, sum[key] + score[key]])) as unknown as OverlapFigures;
  });
}
