import { bestMapping } from './diarization-error.js';
import { slices, type ScoringOptions } from './timeline.js';
import type { Turn } from './turns.js';

export interface JaccardError {
  /** Mean over the reference's speakers who are scored, 0 to 1; without any 0 where nothing was labelled, else 1. */
  readonly rate: number;
  /** Each reference speaker's own error. */
  readonly bySpeaker: ReadonlyMap<string, number>;
}

/**
 * Jaccard error rate (Second DIHARD challenge evaluation plan, section 4.2): for each reference speaker
 * and the label mapped to him, 1 - |both| / |either|; 1 for a speaker without a label. The mapping is the
 * one of the diarization error (most time in common), as in pyannote.metrics. Where several mappings have the most, they may
 * differ in this error, though not in that one: here the order in which speakers and labels are first heard decides, in
 * pyannote.metrics the alphabet, so that there the error changes with the names.
 */
export function jaccardError(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  options: ScoringOptions = {},
): JaccardError {
  const scored = slices(reference, hypothesis, options);
  const labelOf = new Map([...bestMapping(scored)].map(([label, speaker]) => [speaker, label]));
  const both = new Map<string, number>();
  const either = new Map<string, number>();
  for (const speaker of new Set(scored.flatMap((slice) => [...slice.reference]))) {
    const label = labelOf.get(speaker);
    for (const slice of scored) {
      const seconds = slice.endSeconds - slice.startSeconds;
      const spoken = slice.reference.has(speaker);
      const labelled = label !== undefined && slice.hypothesis.has(label);
      if (spoken || labelled) either.set(speaker, (either.get(speaker) ?? 0) + seconds);
      if (spoken && labelled) both.set(speaker, (both.get(speaker) ?? 0) + seconds);
    }
  }
  const bySpeaker = new Map(
    [...either].map(([speaker, seconds]) => [speaker, 1 - (both.get(speaker) ?? 0) / seconds]),
  );
  const sum = [...bySpeaker.values()].reduce((total, error) => total + error, 0);
  const isLabelled = scored.some(({ hypothesis: labels }) => labels.size > 0);
  return { rate: bySpeaker.size === 0 ? Number(isLabelled) : sum / bySpeaker.size, bySpeaker };
}
