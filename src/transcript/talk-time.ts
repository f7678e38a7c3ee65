import { segmentsBySpeaker } from './by-speaker.js';
import type { TranscriptSegment } from './segment.js';

/** How long one speaker talks. */
export interface TalkTime {
  readonly speaker: string;
  /** Seconds in which this speaker talks; where two talk at once, both do. */
  readonly seconds: number;
  /** Of what all of them talk, 0 to 1. */
  readonly share: number;
}

/** Talk time of each speaker, longest first. A speaker's own segments that overlap count once. */
export function talkTime(
  segments: readonly Pick<TranscriptSegment, 'speaker' | 'start' | 'end'>[],
): TalkTime[] {
  const times = [...segmentsBySpeaker(segments)].map(([speaker, spoken]) => ({
    speaker,
    seconds: spoken.reduce((sum, { start, end }) => sum + end - start, 0),
  }));
  const all = times.reduce((sum, { seconds }) => sum + seconds, 0);
  return times
    .map((each) => ({ ...each, share: all > 0 ? each.seconds / all : 0 }))
    .sort((a, b) => b.seconds - a.seconds);
}
