import { segmentsBySpeaker, type Spoken } from '../by-speaker.js';
import type { TranscriptSegment } from '../segment.js';

/** Where one speaker talks. */
export class SpeakerTimes {
  /** In order; they do not touch. */
  readonly #spoken: readonly Spoken[];

  constructor(
    readonly speaker: string,
    readonly known: boolean,
    private readonly segments: readonly TranscriptSegment[],
  ) {
    this.#spoken = segmentsBySpeaker(segments).get(speaker) ?? [];
  }

  /** Seconds from a time to the edge of the speaker's nearest speech: negative within it. Without speech: infinite. */
  distance(seconds: number): number {
    const after = firstAfter(this.#spoken, seconds);
    const next = this.#spoken[after];
    const last = this.#spoken[after - 1];
    const toNext = next === undefined ? Infinity : next.start - seconds;
    const toLast = last === undefined ? Infinity : seconds - last.end;
    return toLast < 0 ? Math.max(toLast, last!.start - seconds) : Math.min(toNext, toLast);
  }

  /** Probability that the label of the speech nearest to a time is right. */
  probability(seconds: number): number {
    const after = firstAfter(this.segments, seconds);
    const [last, next] = [this.segments[after - 1], this.segments[after]];
    if (last === undefined || next === undefined) return (last ?? next)?.probability ?? 0;
    return seconds - last.end < next.start - seconds ? last.probability : next.probability;
  }
}

/** Each speaker of some segments, which are put in order. */
export function speakerTimes(segments: readonly TranscriptSegment[]): SpeakerTimes[] {
  const bySpeaker = new Map<string, TranscriptSegment[]>();
  for (const segment of [...segments].sort((a, b) => a.start - b.start)) {
    const own = bySpeaker.get(segment.speaker);
    if (own === undefined) bySpeaker.set(segment.speaker, [segment]);
    else own.push(segment);
  }
  return [...bySpeaker].map(
    ([speaker, own]) =>
      new SpeakerTimes(
        speaker,
        own.some(({ known }) => known),
        own,
      ),
  );
}

/** Position of the first that starts after a time. */
function firstAfter(spoken: readonly Spoken[], seconds: number): number {
  let from = 0;
  let to = spoken.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (spoken[middle]!.start <= seconds) from = middle + 1;
    else to = middle;
  }
  return from;
}
