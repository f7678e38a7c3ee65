import {
  diarizationError,
  jaccardError,
  totalDiarization,
  turnsWithin,
  type DiarizationSeconds,
  type Turn,
} from 'whospeaks/evaluate';
import type { Reference } from './recordings.js';

/** 0.25 s as pyannote.metrics means it: on both sides of an edge together. */
const COLLAR_SECONDS = 0.125;

/** What a system said of a recording. */
export interface Answer {
  readonly reference: Reference;
  readonly turns: readonly Turn[];
}

/** Errors of several recordings; overlapping speech is scored. */
export interface DiarizationScore {
  readonly exact: DiarizationSeconds;
  readonly collar: DiarizationSeconds;
  /** Mean over recordings. */
  readonly jaccard: number;
  /** Recordings with the true number of speakers. */
  readonly countRight: number;
  readonly recordings: number;
}

export function scoreOf(answers: readonly Answer[]): DiarizationScore {
  const scoring = ({ scored }: Reference) => (scored === null ? {} : { scored });
  const errors = (collarSeconds: number): DiarizationSeconds =>
    totalDiarization(
      answers.map(({ reference, turns }) =>
        diarizationError(reference.turns, turns, { collarSeconds, ...scoring(reference) }),
      ),
    );
  const count = ({ scored }: Reference, turns: readonly Turn[]): number =>
    speakersIn(scored === null ? turns : turnsWithin(turns, scored));
  return {
    exact: errors(0),
    collar: errors(COLLAR_SECONDS),
    jaccard: mean(
      answers.map(({ reference, turns }) => jaccardError(reference.turns, turns, scoring(reference)).rate),
    ),
    countRight: answers.filter(
      ({ reference, turns }) => count(reference, turns) === count(reference, reference.turns),
    ).length,
    recordings: answers.length,
  };
}

function speakersIn(turns: readonly Turn[]): number {
  return new Set(turns.map(({ speaker }) => speaker)).size;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
