import { segmentsBySpeaker } from '../by-speaker.js';
import type { TranscriptSegment } from '../segment.js';
import type { Word } from './word.js';

/** How well a transcript goes with a recording. */
export interface WordFit {
  /** Of the words' time, that somebody talks then, 0 to 1. */
  readonly spoken: number;
  /** Words that begin after the recording has ended. */
  readonly beyond: number;
  /** Whether it is likely another recording's. */
  readonly isDoubtful: boolean;
}

/** Fewer words are nothing to judge by. */
const LEAST_WORDS = 10;
/** Less of the words' time in speech than this, above what words at any times would have, is another recording's. */
const LEAST_AGREEMENT = 0.3;
/** With less silence than this in the recording, words at any times lie in speech. */
const LEAST_SILENCE = 0.05;
const MOST_BEYOND = 0.02;

/** Whether words lie where somebody talks, more than words at any times would. */
export function wordFit(
  words: readonly Word[],
  segments: readonly TranscriptSegment[],
  duration: number,
): WordFit {
  const speech = segmentsBySpeaker(segments.map((segment) => ({ ...segment, speaker: '' }))).get('') ?? [];
  const speechSeconds = speech.reduce((sum, { start, end }) => sum + end - start, 0);
  let spokenSeconds = 0;
  let allSeconds = 0;
  let first = 0;
  for (const { start, end } of [...words].sort((a, b) => a.start - b.start)) {
    while (first < speech.length && speech[first]!.end <= start) first++;
    allSeconds += end - start;
    for (let i = first; i < speech.length && speech[i]!.start < end; i++) {
      spokenSeconds += Math.max(0, Math.min(end, speech[i]!.end) - Math.max(start, speech[i]!.start));
    }
  }
  const beyond = words.filter(({ start }) => start >= duration).length;
  const spoken = allSeconds > 0 ? spokenSeconds / allSeconds : 1;
  const byChance = duration > 0 ? speechSeconds / duration : 0;
  const agreement = (spoken - byChance) / (1 - byChance);
  const isElsewhere = 1 - byChance > LEAST_SILENCE && agreement < LEAST_AGREEMENT;
  const isDoubtful = words.length >= LEAST_WORDS && (isElsewhere || beyond > MOST_BEYOND * words.length);
  return { spoken, beyond, isDoubtful };
}
