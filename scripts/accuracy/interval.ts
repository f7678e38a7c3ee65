import { identificationError, Random, turnsOfEvents } from 'whospeaks';
import type { Answer } from './score.js';

const DRAWS = 2_000;

/** A share, and between which two it lies in 95 of a hundred draws of as many conversations (percentile bootstrap). */
export interface Interval {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

interface Tally {
  readonly wrong: number;
  readonly speech: number;
}

/** Identification error of the answers. */
export function errorInterval(answers: readonly Answer[], corrected = false): Interval {
  const tallies = answers.map((answer) => tally(answer, corrected));
  return interval(tallies.length, (drawn) => errorOf(drawn.map((i) => tallies[i]!)));
}

/** The same, divided by another system's on the same conversations. */
export function ratioInterval(
  answers: readonly Answer[],
  others: readonly Answer[],
  corrected = false,
): Interval {
  const ours = answers.map((answer) => tally(answer, corrected));
  const theirs = others.map((answer) => tally(answer, false));
  return interval(
    ours.length,
    (drawn) => errorOf(drawn.map((i) => ours[i]!)) / errorOf(drawn.map((i) => theirs[i]!)),
  );
}

function tally({ recording, events }: Answer, corrected: boolean): Tally {
  const enrolled = recording.enrolled.map(({ name }) => name);
  const error = identificationError(recording.turns, turnsOfEvents(events, { corrected }), { enrolled });
  return { wrong: error.rate * error.speechSeconds, speech: error.speechSeconds };
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
