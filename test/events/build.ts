import type { CorrectionEvent, FinalEvent, TentativeEvent } from '../../src/events/events.js';

/** Events for tests, whole: what a test does not speak of has some value here, and nowhere else. */
export const RATE_HZ = 16_000;

/** Positions of `start` to `end`, seconds. */
export const span = (start: number, end: number) => ({
  startSample: start * RATE_HZ,
  endSample: end * RATE_HZ,
});

interface Told {
  readonly turn: number;
  readonly revision: number;
  readonly speaker: string;
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  readonly probability?: number;
}

const turnOf = ({ turn, revision, speaker, start, end, probability = 0.9 }: Told) => ({
  turn,
  revision,
  ...span(start, end),
  atSample: end * RATE_HZ,
  speaker,
  known: !speaker.startsWith('unknown'),
  score: 0.5,
  probability,
});

export const tentativeOf = (told: Told): TentativeEvent => ({
  type: 'tentative',
  ...turnOf(told),
  overlap: false,
  others: [],
});

/** Of one stretch of speech, all of the turn. */
export const finalOf = (told: Told): FinalEvent => ({
  ...tentativeOf(told),
  type: 'final',
  speech: [span(told.start, told.end)],
  overlaps: [],
});

export const correctionOf = (told: Told, was: string): CorrectionEvent => ({
  type: 'correction',
  ...turnOf(told),
  was,
});
