import { assignLargest } from './assignment.js';
import { sumOf } from './sum.js';
import { slices, type ScoringOptions, type Slice } from './timeline.js';
import type { Turn } from './turns.js';

/** What of a diarization error several recordings have together. */
export interface DiarizationSeconds {
  /** (miss + falseAlarm + confusion) / total; without reference speech 0 where nothing was labelled, else 1. */
  readonly rate: number;
  /** Reference speech, seconds; where n speakers talk at once a second counts n times. */
  readonly totalSeconds: number;
  readonly missSeconds: number;
  readonly falseAlarmSeconds: number;
  readonly confusionSeconds: number;
}

export interface DiarizationError extends DiarizationSeconds {
  /** Hypothesis label -> reference speaker, the mapping that makes the error smallest. */
  readonly mapping: ReadonlyMap<string, string>;
}

/**
 * Diarization error rate as NIST's md-eval defines it (Rich Transcription 2009 evaluation plan): labels
 * are mapped one to one to the reference's speakers so that the time in common is largest; then in each
 * slice, of n reference speakers and m labels, max(0, n - m) are missed, max(0, m - n) are false alarms,
 * and min(n, m) less the rightly mapped ones are confused.
 */
export function diarizationError(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  options: ScoringOptions = {},
): DiarizationError {
  const scored = slices(reference, hypothesis, options);
  const mapping = bestMapping(scored);
  return { ...errorUnder(scored, mapping), mapping };
}

/** The error where `mapping` says which label is which speaker. */
export function errorUnder(
  scored: readonly Slice[],
  mapping: ReadonlyMap<string, string>,
): DiarizationSeconds {
  let totalSeconds = 0;
  let missSeconds = 0;
  let falseAlarmSeconds = 0;
  let confusionSeconds = 0;
  for (const slice of scored) {
    const seconds = slice.endSeconds - slice.startSeconds;
    const n = slice.reference.size;
    const m = slice.hypothesis.size;
    let right = 0;
    for (const label of slice.hypothesis) {
      const speaker = mapping.get(label);
      if (speaker !== undefined && slice.reference.has(speaker)) right++;
    }
    totalSeconds += n * seconds;
    missSeconds += Math.max(0, n - m) * seconds;
    falseAlarmSeconds += Math.max(0, m - n) * seconds;
    confusionSeconds += (Math.min(n, m) - right) * seconds;
  }
  return withRate({ totalSeconds, missSeconds, falseAlarmSeconds, confusionSeconds });
}

/** Recordings together, one or more: seconds are summed before they are divided. */
export function totalDiarization(errors: readonly DiarizationSeconds[]): DiarizationSeconds {
  const seconds = errors.map(({ totalSeconds, missSeconds, falseAlarmSeconds, confusionSeconds }) => ({
    totalSeconds,
    missSeconds,
    falseAlarmSeconds,
    confusionSeconds,
  }));
  return withRate(sumOf(seconds));
}

function withRate(seconds: Omit<DiarizationSeconds, 'rate'>): DiarizationSeconds {
  const { totalSeconds, missSeconds, falseAlarmSeconds, confusionSeconds } = seconds;
  const wrong = missSeconds + falseAlarmSeconds + confusionSeconds;
  return { rate: totalSeconds > 0 ? wrong / totalSeconds : Number(wrong > 0), ...seconds };
}

/** Label -> speaker with the most time in common; pairs without any are left out. */
export function bestMapping(scored: readonly Slice[]): Map<string, string> {
  const labels = [...new Set(scored.flatMap((slice) => [...slice.hypothesis]))];
  const speakers = [...new Set(scored.flatMap((slice) => [...slice.reference]))];
  const row = new Map(labels.map((label, i) => [label, i]));
  const column = new Map(speakers.map((speaker, i) => [speaker, i]));
  const common = labels.map(() => new Array<number>(speakers.length).fill(0));
  for (const slice of scored) {
    for (const label of slice.hypothesis) {
      for (const speaker of slice.reference) {
        common[row.get(label)!]![column.get(speaker)!]! += slice.endSeconds - slice.startSeconds;
      }
    }
  }
  const mapping = new Map<string, string>();
  assignLargest(common).forEach((c, r) => {
    if (c >= 0 && common[r]![c]! > 0) mapping.set(labels[r]!, speakers[c]!);
  });
  return mapping;
}
