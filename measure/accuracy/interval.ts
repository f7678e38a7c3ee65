import { identificationError, Random, turnsOfEvents } from 'whospeaks/evaluate';
import type { Answer } from './score.js';

const DRAWS = 2_000;

/** A share, and between which two it lies in 95 of a hundred draws of as many conversations (percentile bootstrap). */
export interface Interval {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** Seconds of one conversation. */
export interface Tally {
  readonly wrong: number;
  readonly speech: number;
}

/** One of each answer. */
export function talliesOf(answers: readonly Answer[], { corrected = false } = {}): Tally[] {
  return answers.map(({ recording, events }) => {
    const enrolled = recording.enrolled.map(({ name }) => name);
    const error = identificationError(recording.turns, turnsOfEvents(events, { corrected }), { enrolled });
    return { wrong: error.rate * error.speechSeconds, speech: error.speechSeconds };
  });
}

/** Identification error. */
export function errorInterval(tallies: readonly Tally[]): Interval {
  return interval(tallies.length, (drawn) => errorOf(drawn.map((i) => tallies[i]!)));
}

/** The same, divided by another system's on the same conversations. */
export function ratioInterval(ours: readonly Tally[], theirs: readonly Tally[]): Interval {
  return interval(
    ours.length,
    (drawn) => errorOf(drawn.map((i) => ours[i]!)) / errorOf(drawn.map((i) => theirs[i]!)),
  );
}

/** Identification error less another system's on the same conversations. */
export function differenceInterval(ours: readonly Tally[], theirs: readonly Tally[]): Interval {
  return interval(
    ours.length,
    (drawn) => errorOf(drawn.map((i) => ours[i]!)) - errorOf(drawn.map((i) => theirs[i]!)),
  );
}

function errorOf(tallies: readonly Tally[]): number {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, one) => total + of(one), 0);
  return sum(({ wrong }) => wrong) / sum(({ speech }) => speech);
}

function interval(count: number, figure: (drawn: readonly number[]) => number): Interval {
  const random = new Random(1);
  const positions = Array.from({ length: count }, (_, i) => i);
  const draws = Array.from({ length: DRAWS }, () => figure(positions.map(() => random.pick(positions)))).sort(
    (a, b) => a - b,
  );
  return {
    rate: figure(positions),
    low: draws[Math.floor(0.025 * DRAWS)]!,
    high: draws[Math.ceil(0.975 * DRAWS) - 1]!,
  };
}
