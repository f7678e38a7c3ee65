import { assignLargest } from '../../src/evaluate/assignment.js';
import type { SaidWord } from './conversations.js';

/** A word is at a change where another speaker's word is so near, seconds. */
const NEAR_CHANGE_SECONDS = 0.5;

/** Words under the wrong speaker. */
export interface WordScore {
  readonly words: number;
  readonly wrong: number;
  /** Of words at changes of speaker. */
  readonly changeWords: number;
  readonly changeWrong: number;
}

/**
 * Word diarization errors (Shafey et al. 2019) of words that are all recognised: labels stand for those speakers who make
 * most words right.
 */
export function wordScore(reference: readonly SaidWord[], labels: readonly string[]): WordScore {
  const speakers = [...new Set(reference.map(({ speaker }) => speaker))];
  const names = [...new Set(labels)];
  const counts = names.map((name) =>
    speakers.map(
      (speaker) => reference.filter((word, i) => word.speaker === speaker && labels[i] === name).length,
    ),
  );
  const speakerOf = new Map(
    assignLargest(counts).map((column, row) => [names[row]!, column < 0 ? undefined : speakers[column]]),
  );
  const atChange = changes(reference);
  const wrong = reference.map(({ speaker }, i) => speakerOf.get(labels[i]!) !== speaker);
  return {
    words: reference.length,
    wrong: wrong.filter(Boolean).length,
    changeWords: atChange.filter(Boolean).length,
    changeWrong: wrong.filter((isWrong, i) => isWrong && atChange[i]).length,
  };
}

export function totalScore(scores: readonly WordScore[]): WordScore {
  const sum = (of: (score: WordScore) => number): number => scores.reduce((all, score) => all + of(score), 0);
  return {
    words: sum(({ words }) => words),
    wrong: sum(({ wrong }) => wrong),
    changeWords: sum(({ changeWords }) => changeWords),
    changeWrong: sum(({ changeWrong }) => changeWrong),
  };
}

/** Which words have another speaker's within half a second before or after. */
function changes(words: readonly SaidWord[]): boolean[] {
  return words.map((word) =>
    words.some(
      (other) =>
        other.speaker !== word.speaker &&
        other.start - word.end < NEAR_CHANGE_SECONDS &&
        word.start - other.end < NEAR_CHANGE_SECONDS,
    ),
  );
}
