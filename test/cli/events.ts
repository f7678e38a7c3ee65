import type { FinalEvent, NamedEvent } from '../../src/tracker/index.js';
import { correctionOf, finalOf, RATE_HZ, tentativeOf } from '../events/build.js';

export { span } from '../events/build.js';

/** What is believed of a turn of one stretch, seconds. */
export const tentative = (turn: number, speaker: string, start: number, end: number, probability = 0.9) =>
  tentativeOf({ turn, revision: 1, speaker, start, end, probability });

export const final = (turn: number, speaker: string, start: number, end: number, probability = 0.9) =>
  finalOf({ turn, revision: 2, speaker, start, end, probability });

/** What a settled turn is called later. */
export const correction = ({ turn, startSample, endSample, speaker: was }: FinalEvent, speaker: string) =>
  correctionOf(
    { turn, revision: 3, speaker, start: startSample / RATE_HZ, end: endSample / RATE_HZ, probability: 0.8 },
    was,
  );

export const named = (label: string, speaker: string, atSeconds: number) =>
  ({ type: 'named', atSample: atSeconds * RATE_HZ, label, speaker, profile: {} }) as NamedEvent;
