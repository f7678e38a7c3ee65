import type { DiarizationError } from '../evaluate/index.js';

/** A diarization error without the mapping, which several recordings have not in common. */
export type DiarizationSeconds = Omit<DiarizationError, 'mapping'>;

/** Recordings together: seconds are summed before they are divided. */
export function totalDiarization(errors: readonly DiarizationSeconds[]): DiarizationSeconds {
  const sums = sumOf(
    errors.map(({ totalSeconds, missSeconds, falseAlarmSeconds, confusionSeconds }) => ({
      totalSeconds,
      missSeconds,
      falseAlarmSeconds,
      confusionSeconds,
    })),
  );
  const wrong = sums.missSeconds + sums.falseAlarmSeconds + sums.confusionSeconds;
  return { rate: sums.totalSeconds > 0 ? wrong / sums.totalSeconds : Number(wrong > 0), ...sums };
}

/** Each number summed over the items; one or more of them. */
export function sumOf<Item extends { readonly [Key in keyof Item]: number }>(items: readonly Item[]): Item {
  return items.reduce((sum, item) => {
    const next = { ...sum };
    for (const key of Object.keys(item) as (keyof Item)[])
      next[key] = (sum[key] + item[key]) as Item[keyof Item];
    return next;
  });
}
