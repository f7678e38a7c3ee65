import type { FinalEvent, TentativeEvent } from './events.js';
import type { Verdict } from './judge.js';
import type { Adaptation } from './profile.js';

/** A long, sure, clean turn of an enrolled speaker, to learn from. `ProfileStore.adapt` can keep it. */
export interface Learnt {
  readonly speaker: string;
  readonly turn: number;
  readonly atSample: number;
  readonly adaptation: Adaptation;
}

/** Only a turn as long and as sure as this teaches anything: a stranger's that got the name by chance is neither. */
const MIN_SECONDS = 6;
const MIN_PROBABILITY = 0.98;

/** What a settled turn teaches of an enrolled speaker; undefined where it may not. */
export function learntFrom(told: FinalEvent | TentativeEvent, { evidence }: Verdict): Learnt | undefined {
  const { atSample, turn, speaker, known, probability, overlap } = told;
  if (!known || overlap || probability < MIN_PROBABILITY || evidence === null) return undefined;
  if (evidence.seconds < MIN_SECONDS) return undefined;
  const { direction: vector, seconds } = evidence;
  return { atSample, turn, speaker, adaptation: { vector, seconds, probability } };
}
