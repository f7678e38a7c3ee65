import type { Score } from './score.js';

export const percent = (share: number, digits = 1): string =>
  Number.isNaN(share) ? '-' : `${(100 * share).toFixed(digits)} %`;
/** Percent, without the sign. */
export const hundredths = (share: number): string => (100 * share).toFixed(1);
export const secondsOf = (value: number): string => (Number.isNaN(value) ? '-' : `${value.toFixed(2)} s`);

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export const SCORE_HEAD = [
  'system',
  'identification error',
  'wrong name',
  'known refused',
  'stranger named',
  'missed',
  'false alarm',
  'delay p50, tentative',
  'p90',
  'never right',
  'delay p50, final',
  'label changes / true',
  'ECE final',
  'ECE tentative',
];

/** One system's figures, in the order of `SCORE_HEAD`, shares in percent. Baselines state no probability. */
export function scoreRow(name: string, score: Score, calibrated: boolean): string[] {
  return [
    name,
    hundredths(score.errorRate),
    hundredths(score.wrongName),
    hundredths(score.knownRefused),
    hundredths(score.unknownAccepted),
    hundredths(score.missed),
    hundredths(score.falseAlarm),
    secondsOf(score.tentative.p50Seconds),
    secondsOf(score.tentative.p90Seconds),
    `${score.tentative.missed} of ${score.tentative.changes}`,
    secondsOf(score.final.p50Seconds),
    score.changesRatio.toFixed(2),
    calibrated ? score.calibration.rate.toFixed(3) : '-',
    calibrated ? score.tentativeCalibration.rate.toFixed(3) : '-',
  ];
}
