import type { TranscriptSegment, Word } from 'whospeaks';

type Labels = (words: readonly Word[], segments: readonly TranscriptSegment[]) => string[];

const nearest = (seconds: number, segments: readonly TranscriptSegment[]): string => {
  let best = 'nobody';
  let least = Infinity;
  for (const { speaker, start, end } of segments) {
    const distance = Math.max(start - seconds, seconds - end, 0);
    if (distance < least) [best, least] = [speaker, distance];
  }
  return best;
};

/** The segment that the middle of a word lies in, the first of them; else the nearest one. */
export const byMidpoint: Labels = (words, segments) =>
  words.map(({ start, end }) => nearest((start + end) / 2, segments));

/** The speaker who shares most time with a word, as WhisperX assigns them; without any the nearest. */
export const byOverlap: Labels = (words, segments) =>
  words.map(({ start, end }) => {
    const shared = new Map<string, number>();
    for (const segment of segments) {
      const seconds = Math.min(end, segment.end) - Math.max(start, segment.start);
      if (seconds > 0) shared.set(segment.speaker, (shared.get(segment.speaker) ?? 0) + seconds);
    }
    const [most] = [...shared].sort((a, b) => b[1] - a[1]);
    return most?.[0] ?? nearest((start + end) / 2, segments);
  });
