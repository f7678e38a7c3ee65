import type { TranscriptSegment } from '../segment.js';

/** Where one speaker talks, and nobody else. */
export interface SoloStretch {
  readonly speaker: string;
  readonly start: number;
  readonly end: number;
}

/** Edges are inexact: so much is left out at either end, seconds. */
const EDGE_SECONDS = 0.15;
const LEAST_SECONDS = 0.4;
/** Longer ones are cut. */
const MOST_SECONDS = 3;
/** Of each speaker, 2 minutes: the first of them. */
const MOST_STRETCHES = 40;

/** Stretches of up to 3 s in which each speaker talks alone, up to 40 of each, in order of start. */
export function soloStretches(segments: readonly TranscriptSegment[]): SoloStretch[] {
  const stretches: SoloStretch[] = [];
  const count = new Map<string, number>();
  for (const { speaker, ...solo } of alone(segments)) {
    const end = solo.end - EDGE_SECONDS;
    for (let start = solo.start + EDGE_SECONDS; end - start >= LEAST_SECONDS; start += MOST_SECONDS) {
      const own = count.get(speaker) ?? 0;
      if (own >= MOST_STRETCHES) break;
      count.set(speaker, own + 1);
      stretches.push({ speaker, start, end: Math.min(end, start + MOST_SECONDS) });
    }
  }
  return stretches;
}

/** Between two edges of segments the same ones talk: where that is one speaker. */
function* alone(segments: readonly TranscriptSegment[]): Generator<SoloStretch> {
  const edges = segments
    .flatMap(({ speaker, start, end }) => [
      { speaker, at: start, change: 1 },
      { speaker, at: end, change: -1 },
    ])
    .sort((a, b) => a.at - b.at);
  const talking = new Map<string, number>();
  let since = 0;
  for (const { speaker, at, change } of edges) {
    if (talking.size === 1 && at > since) yield { speaker: [...talking.keys()][0]!, start: since, end: at };
    const own = (talking.get(speaker) ?? 0) + change;
    if (own > 0) talking.set(speaker, own);
    else talking.delete(speaker);
    since = at;
  }
}
