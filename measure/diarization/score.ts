import {
  diarizationError,
  jaccardError,
  totalDiarization,
  type DiarizationSeconds,
  type Turn,
} from 'whospeaks/evaluate';

/** 0.25 s as pyannote.metrics means it: on both sides of an edge together. */
const COLLAR_SECONDS = 0.125;

/** What a system said of a recording. */
export interface Answer {
  readonly id: string;
  readonly reference: readonly Turn[];
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
  const errors = (collarSeconds: number): DiarizationSeconds =>
    totalDiarization(
      answers.map(({ reference, turns }) => diarizationError(reference, turns, { collarSeconds })),
    );
  return {
    exact: errors(0),
    collar: errors(COLLAR_SECONDS),
    jaccard: mean(answers.map(({ reference, turns }) => jaccardError(reference, turns).rate)),
    countRight: answers.filter(({ reference, turns }) => speakersIn(turns) === speakersIn(reference)).length,
    recordings: answers.length,
  };
}

function speakersIn(turns: readonly Turn[]): number {
  return new Set(turns.map(({ speaker }) => speaker)).size;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
