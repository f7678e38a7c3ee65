import { slices, type Region } from 'whospeaks/evaluate';

/** Seconds of one speaker's speech, found or not, and of the rest of a recording. */
export interface DetectionSeconds {
  readonly truePositive: number;
  readonly trueNegative: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/**
 * As pyannote.metrics has it with `skip_overlap` and no UEM: from the first start to the last end of either side, without where two
 * turns of the reference overlap.
 */
export function detection(reference: readonly Region[], hypothesis: readonly Region[]): DetectionSeconds {
  const turns = reference.map((region, i) => ({ ...region, speaker: String(i) }));
  const told = hypothesis.map((region) => ({ ...region, speaker: '' }));
  const seconds = { truePositive: 0, trueNegative: 0, falsePositive: 0, falseNegative: 0 };
  for (const slice of slices(turns, told, { skipOverlap: true })) {
    const isSpeech = slice.reference.size > 0;
    const isTold = slice.hypothesis.size > 0;
    const kind = isSpeech
      ? isTold
        ? 'truePositive'
        : 'falseNegative'
      : isTold
        ? 'falsePositive'
        : 'trueNegative';
    seconds[kind] += slice.endSeconds - slice.startSeconds;
  }
  return seconds;
}

/** Right seconds of all seconds, 0 to 1. */
export function detectionAccuracy(of: readonly DetectionSeconds[]): number {
  const [right, wrong] = [sum(of, 'truePositive') + sum(of, 'trueNegative'), wrongSeconds(of)];
  return right / (right + wrong);
}

/** Wrong seconds, as a share of the speaker's speech: more than 1 is possible. */
export function detectionErrorRate(of: readonly DetectionSeconds[]): number {
  return wrongSeconds(of) / (sum(of, 'truePositive') + sum(of, 'falseNegative'));
}

function wrongSeconds(of: readonly DetectionSeconds[]): number {
  return sum(of, 'falsePositive') + sum(of, 'falseNegative');
}

function sum(of: readonly DetectionSeconds[], kind: keyof DetectionSeconds): number {
  return of.reduce((total, seconds) => total + seconds[kind], 0);
}
