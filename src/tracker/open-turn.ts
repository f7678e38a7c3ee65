import type { Pooled } from './evidence-pool.js';
import type { Verdict } from './judge.js';
import type { Span } from './spans.js';

/** A turn that is not settled: its part of the stream, and what is believed of it. */
export interface OpenTurn {
  readonly span: Span;
  readonly pooled: Pooled | null;
  readonly seconds: number;
  readonly verdict: Verdict;
}
