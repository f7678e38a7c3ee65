import type { CorrectionEvent, FinalEvent, NamedEvent, TentativeEvent } from '../../src/tracker/index.js';

const RATE_HZ = 16_000;

export const span = (start: number, end: number) => ({
  startSample: start * RATE_HZ,
  endSample: end * RATE_HZ,
});

const turn = (number: number, speaker: string, start: number, end: number, probability: number) => ({
  turn: number,
  revision: 1,
  ...span(start, end),
  atSample: end * RATE_HZ,
  speaker,
  known: !speaker.startsWith('unknown'),
  score: 0.5,
  probability,
});

/** What is believed of a turn of one stretch, seconds. */
export const tentative = (
  number: number,
  speaker: string,
  start: number,
  end: number,
  probability = 0.9,
): TentativeEvent => ({
  type: 'tentative',
  ...turn(number, speaker, start, end, probability),
  overlap: false,
  others: [],
});

export const final = (
  number: number,
  speaker: string,
  start: number,
  end: number,
  probability = 0.9,
): FinalEvent => ({
  ...tentative(number, speaker, start, end, probability),
  type: 'final',
  revision: 2,
  speech: [span(start, end)],
  overlaps: [],
});

/** What a settled turn is called later. */
export const correction = (
  { turn: number, startSample, endSample, speaker: was }: FinalEvent,
  speaker: string,
) =>
  ({
    type: 'correction',
    ...turn(number, speaker, startSample / RATE_HZ, endSample / RATE_HZ, 0.8),
    revision: 3,
    was,
  }) satisfies CorrectionEvent;

export const named = (label: string, speaker: string, atSeconds: number) =>
  ({ type: 'named', atSample: atSeconds * RATE_HZ, label, speaker, profile: {} }) as NamedEvent;
