import type { Turn } from './turn-search.js';

/** One label over a run of samples. */
export interface Span {
  readonly label: number;
  readonly startSample: number;
  /** Exclusive. */
  readonly endSample: number;
}

/**
 * The turns of a path that fall in [from, to), oldest first, without a gap between them. A turn shorter
 * than `minSamples` goes to its neighbour. Neighbours may have one label.
 */
export function spansOf(last: Turn, from: number, to: number, minSamples: number): Span[] {
  const spans: Span[] = [];
  let end = to;
  for (let turn: Turn | null = last; turn !== null && end > from; turn = turn.previous) {
    const start = turn.previous === null ? from : Math.max(from, turn.startSample);
    if (start >= end) continue;
    spans.unshift({ label: turn.label, startSample: start, endSample: end });
    end = start;
  }
  return withoutShort(spans, minSamples);
}

function withoutShort(spans: readonly Span[], minSamples: number): Span[] {
  const kept: Span[] = [];
  let pending: number | undefined;
  for (const span of spans) {
    const startSample = pending ?? span.startSample;
    const before = kept.at(-1);
    const isShort = span.endSample - startSample < minSamples;
    if (isShort && before !== undefined) kept[kept.length - 1] = { ...before, endSample: span.endSample };
    else if (isShort && span !== spans.at(-1)) pending ??= startSample;
    else {
      kept.push({ ...span, startSample });
      pending = undefined;
    }
  }
  return kept;
}
