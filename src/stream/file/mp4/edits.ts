import type { Movie, Mp4Track } from './movie.js';

/** A part of a track and where it is heard, s. */
export interface Segment {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** Where it begins in the track. */
  readonly mediaSeconds: number;
}

/**
 * The parts of a track that are heard, in order (ISO/IEC 14496-12, 8.6.6). Null where they go back in the track, which
 * cannot be read forward.
 */
export function segmentsOf(movie: Movie, track: Mp4Track): Segment[] | null {
  const { edits, timescale, durationTicks } = track;
  const whole = { fromSeconds: 0, toSeconds: Infinity, mediaSeconds: 0 };
  if (edits.length === 0 || movie.timescale === 0) return [whole];
  const tick = 1 / movie.timescale;
  const mediaEnd = movie.isFragmented || durationTicks === 0 ? Infinity : durationTicks / timescale;
  const segments: Segment[] = [];
  let at = 0;
  for (const [i, edit] of edits.entries()) {
    const isLast = i === edits.length - 1;
    const seconds = edit.durationTicks * tick;
    const mediaSeconds = edit.mediaTicks / timescale;
    if (edit.mediaTicks >= 0) {
      const end = mediaSeconds + seconds;
      // Movies often count in ms: a last part that ends within one of them ends with the track.
      const isOpen = isLast && (edit.durationTicks === 0 || movie.isFragmented || mediaEnd - end <= tick);
      const before = segments.at(-1);
      if (
        before !== undefined &&
        mediaSeconds + tick < before.mediaSeconds + before.toSeconds - before.fromSeconds
      )
        return null;
      segments.push({ fromSeconds: at, toSeconds: isOpen ? Infinity : at + seconds, mediaSeconds });
    }
    at += seconds;
  }
  return segments.length === 0 ? [whole] : segments;
}
