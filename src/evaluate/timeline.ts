import { joinRegions, regionsBySpeaker, subtractRegions, type Region, type Turn } from './turns.js';

/** A stretch in which nobody starts or stops, in the reference or in the hypothesis. */
export interface Slice {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly reference: ReadonlySet<string>;
  readonly hypothesis: ReadonlySet<string>;
}

export interface ScoringOptions {
  /**
   * Seconds left out of the scoring on *each* side of every start and end in the reference (md-eval's
   * `-c`; the `collar` of pyannote.metrics is both sides together). Default 0.
   */
  collarSeconds?: number;
  /** Leave out where two or more reference speakers talk at once. Default false. */
  skipOverlap?: boolean;
  /** What is scored (from a UEM file); default from the first start to the last end of either side. */
  scored?: readonly Region[];
  /** What is left out of that (`NOSCORE` lines of an RTTM file); default nothing. */
  unscored?: readonly Region[];
}

/** Cut the scored time into slices within which both sides are constant, in order of time. */
export function slices(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  options: ScoringOptions = {},
): Slice[] {
  const speakers = { reference: new Set<string>(), hypothesis: new Set<string>(), scored: new Set<string>() };
  const edges = [
    ...edgesOf('reference', regionsBySpeaker(reference)),
    ...edgesOf('hypothesis', regionsBySpeaker(hypothesis)),
    ...edgesOf('scored', new Map([['', scoredRegions(reference, hypothesis, options)]])),
  ].sort((a, b) => a.atSeconds - b.atSeconds || Number(a.starts) - Number(b.starts));
  const out: Slice[] = [];
  let from = 0;
  for (const { side, speaker, atSeconds, starts } of edges) {
    if (atSeconds > from && speakers.scored.size > 0) {
      out.push({
        startSeconds: from,
        endSeconds: atSeconds,
        reference: new Set(speakers.reference),
        hypothesis: new Set(speakers.hypothesis),
      });
    }
    from = atSeconds;
    if (starts) speakers[side].add(speaker);
    else speakers[side].delete(speaker);
  }
  return out;
}

interface Edge {
  readonly side: 'reference' | 'hypothesis' | 'scored';
  readonly speaker: string;
  readonly atSeconds: number;
  readonly starts: boolean;
}

function edgesOf(side: Edge['side'], regions: ReadonlyMap<string, readonly Region[]>): Edge[] {
  return [...regions].flatMap(([speaker, list]) =>
    list.flatMap(({ startSeconds, endSeconds }) => [
      { side, speaker, atSeconds: startSeconds, starts: true },
      { side, speaker, atSeconds: endSeconds, starts: false },
    ]),
  );
}

function scoredRegions(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  { collarSeconds = 0, skipOverlap = false, scored, unscored = [] }: ScoringOptions,
): Region[] {
  const all = [...reference, ...hypothesis];
  const startSeconds = all.reduce((min, turn) => Math.min(min, turn.startSeconds), Infinity);
  const endSeconds = all.reduce((max, turn) => Math.max(max, turn.endSeconds), -Infinity);
  const holes = [...unscored];
  if (collarSeconds > 0) {
    for (const turn of reference) {
      for (const at of [turn.startSeconds, turn.endSeconds]) {
        holes.push({ startSeconds: at - collarSeconds, endSeconds: at + collarSeconds });
      }
    }
  }
  if (skipOverlap) holes.push(...overlaps(reference));
  return subtractRegions(joinRegions(scored ?? [{ startSeconds, endSeconds }]), holes);
}

/** Where two or more speakers talk at once. */
function overlaps(turns: readonly Turn[]): Region[] {
  return slices(turns, []).filter((slice) => slice.reference.size > 1);
}
