/** One stretch of one speaker; seconds from the start of the recording, the end exclusive. */
export interface Turn {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly speaker: string;
}

/** A stretch of time, seconds, the end exclusive. */
export interface Region {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** Regions in order, overlapping and touching ones joined, empty ones left out. */
export function joinRegions(regions: readonly Region[]): Region[] {
  const joined: { startSeconds: number; endSeconds: number }[] = [];
  const sorted = regions
    .filter((r) => r.endSeconds > r.startSeconds)
    .sort((a, b) => a.startSeconds - b.startSeconds);
  for (const { startSeconds, endSeconds } of sorted) {
    const last = joined.at(-1);
    if (last && startSeconds <= last.endSeconds) last.endSeconds = Math.max(last.endSeconds, endSeconds);
    else joined.push({ startSeconds, endSeconds });
  }
  return joined;
}

/** The parts of `from` that lie in none of `holes`. */
export function subtractRegions(from: readonly Region[], holes: readonly Region[]): Region[] {
  const rest: Region[] = [];
  const cuts = joinRegions(holes);
  for (const region of joinRegions(from)) {
    let at = region.startSeconds;
    for (const cut of cuts) {
      if (cut.endSeconds <= at) continue;
      if (cut.startSeconds >= region.endSeconds) break;
      if (cut.startSeconds > at) rest.push({ startSeconds: at, endSeconds: cut.startSeconds });
      at = cut.endSeconds;
    }
    if (at < region.endSeconds) rest.push({ startSeconds: at, endSeconds: region.endSeconds });
  }
  return rest;
}

/** What of the turns lies in the regions. */
export function turnsWithin<Item extends Turn>(turns: readonly Item[], regions: readonly Region[]): Item[] {
  const scored = joinRegions(regions);
  return turns.flatMap((turn) =>
    scored.flatMap((region) => {
      const startSeconds = Math.max(turn.startSeconds, region.startSeconds);
      const endSeconds = Math.min(turn.endSeconds, region.endSeconds);
      return endSeconds > startSeconds ? [{ ...turn, startSeconds, endSeconds }] : [];
    }),
  );
}

/** Each speaker's regions, joined: a speaker who overlaps himself is counted once. */
export function regionsBySpeaker(turns: readonly Turn[]): Map<string, Region[]> {
  const bySpeaker = new Map<string, Turn[]>();
  for (const turn of turns) {
    const list = bySpeaker.get(turn.speaker);
    if (list) list.push(turn);
    else bySpeaker.set(turn.speaker, [turn]);
  }
  return new Map([...bySpeaker].map(([speaker, list]) => [speaker, joinRegions(list)]));
}
