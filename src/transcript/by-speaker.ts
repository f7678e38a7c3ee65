import type { TranscriptSegment } from './segment.js';

/** From where to where, seconds. */
export interface Spoken {
  readonly start: number;
  readonly end: number;
}

/** Where each speaker talks, in order of who is heard first; stretches of one speaker that touch or overlap are joined. */
export function segmentsBySpeaker(
  segments: readonly Pick<TranscriptSegment, 'speaker' | 'start' | 'end'>[],
): Map<string, Spoken[]> {
  const bySpeaker = new Map<string, Spoken[]>();
  for (const { speaker, start, end } of [...segments].sort((a, b) => a.start - b.start)) {
    const spoken = bySpeaker.get(speaker) ?? [];
    const last = spoken.at(-1);
    if (last !== undefined && start <= last.end) {
      spoken[spoken.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    } else {
      spoken.push({ start, end });
    }
    bySpeaker.set(speaker, spoken);
  }
  return bySpeaker;
}
