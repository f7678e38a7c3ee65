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
  const seconds = new Map<string, number>();
  const heardUntil = new Map<string, number>();
  for (const { speaker, start, end } of [...segments].sort((a, b) => a.start - b.start)) {
    const from = Math.max(start, heardUntil.get(speaker) ?? 0);
    seconds.set(speaker, (seconds.get(speaker) ?? 0) + Math.max(0, end - from));
    heardUntil.set(speaker, Math.max(end, heardUntil.get(speaker) ?? 0));
  }
  const all = [...seconds.values()].reduce((sum, each) => sum + each, 0);
  return [...seconds]
    .map(([speaker, each]) => ({ speaker, seconds: each, share: all > 0 ? each / all : 0 }))
    .sort((a, b) => b.seconds - a.seconds);
}
