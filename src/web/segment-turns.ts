import type { RecordingSegment } from '../client/index.js';
import { SAMPLE_RATE_HZ } from '../stream/geometry.js';
import type { TimelineTurn } from './timeline-view.js';

/** Segments as the timeline draws them, with the stretches in which others talk too. */
export function turnsOfSegments(segments: readonly RecordingSegment[]): TimelineTurn[] {
  const turns = segments.map(({ speaker, known, startSeconds, endSeconds }, turn) => ({
    turn,
    speaker,
    known,
    final: true,
    overlap: false,
    startSample: samples(startSeconds),
    endSample: samples(endSeconds),
    overlaps: [] as { startSample: number; endSample: number; other: string }[],
  }));
  turns.forEach((turn, i) => {
    for (let j = i + 1; j < turns.length && turns[j]!.startSample < turn.endSample; j++) {
      const other = turns[j]!;
      const { startSample } = other;
      const endSample = Math.min(turn.endSample, other.endSample);
      turn.overlaps.push({ startSample, endSample, other: other.speaker });
      other.overlaps.push({ startSample, endSample, other: turn.speaker });
    }
  });
  return turns;
}

function samples(seconds: number): number {
  return Math.round(seconds * SAMPLE_RATE_HZ);
}
