import type { HeardWindow } from './hear-recording.js';

/** An observation, and the log-odds that it is of the same speaker. */
export interface Link {
  readonly to: number;
  readonly odds: number;
}

/**
 * Of each stretch those of its window that are likely of the same speaker, for they have one local speaker, and those that
 * are hardly so, for they have another.
 */
export function linksOf(
  windows: readonly HeardWindow[],
  { sameLocalOdds, otherLocalOdds }: { readonly sameLocalOdds: number; readonly otherLocalOdds: number },
): Link[][] {
  const links: Link[][] = [];
  for (const { voices } of windows) {
    const first = links.length;
    for (const a of voices) {
      links.push(
        voices
          .map((b, i) => ({ to: first + i, odds: b.local === a.local ? sameLocalOdds : -otherLocalOdds }))
          .filter((_, i) => voices[i] !== a),
      );
    }
  }
  return links;
}
