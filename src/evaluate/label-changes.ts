import type { Turn } from './turns.js';

export interface LabelChanges {
  /** Changes an hour from one label to another, silence between them or not. */
  readonly hypothesisPerHour: number;
  /** The same of the reference. */
  readonly referencePerHour: number;
}

/** How restless the labels are against the truth, over `durationSeconds` of recording. */
export function labelChanges(
  reference: readonly Turn[],
  hypothesis: readonly Turn[],
  durationSeconds: number,
): LabelChanges {
  const perHour = (turns: readonly Turn[]): number =>
    durationSeconds > 0 ? (countChanges(turns) * 3600) / durationSeconds : 0;
  return { hypothesisPerHour: perHour(hypothesis), referencePerHour: perHour(reference) };
}

function countChanges(turns: readonly Turn[]): number {
  const sorted = [...turns].sort((a, b) => a.startSeconds - b.startSeconds);
  return sorted.filter((turn, i) => i > 0 && turn.speaker !== sorted[i - 1]!.speaker).length;
}
