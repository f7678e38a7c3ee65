import { isUnknownLabel } from '../events/events.js';
import type { ToldTurn } from './event-turns.js';
import { slices } from './timeline.js';
import type { Turn } from './turns.js';

/** A turn's label with the probability that was given for it, and whether it was right. */
export interface Claim {
  readonly probability: number;
  readonly right: boolean;
  /** Seconds of reference speech in the turn. */
  readonly seconds: number;
}

export interface CalibrationError {
  /** Expected calibration error, 0 to 1. */
  readonly rate: number;
  readonly bins: readonly CalibrationBin[];
}

/** Claims with probabilities in [low, high). */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly seconds: number;
  /** Means over the bin, weighted by seconds. */
  readonly probability: number;
  readonly right: number;
}

/**
 * Each told turn against the truth: a label is right if it is right for at least half of the reference
 * speech in its turn (an unknown label for somebody who is not among `enrolled`). Turns without reference
 * speech make no claim.
 */
export function claimsOf(
  reference: readonly Turn[],
  told: readonly ToldTurn[],
  enrolled: Iterable<string>,
): Claim[] {
  const known = new Set(enrolled);
  return told.flatMap((turn) => {
    let seconds = 0;
    let rightSeconds = 0;
    const near = reference.filter(
      (r) => r.endSeconds > turn.startSeconds && r.startSeconds < turn.endSeconds,
    );
    for (const slice of slices(near, [], { scored: [turn] })) {
      if (slice.reference.size === 0) continue;
      const length = slice.endSeconds - slice.startSeconds;
      const right = isUnknownLabel(turn.speaker)
        ? [...slice.reference].some((speaker) => !known.has(speaker))
        : slice.reference.has(turn.speaker) && known.has(turn.speaker);
      seconds += length;
      if (right) rightSeconds += length;
    }
    if (seconds === 0) return [];
    return [{ probability: turn.probability, right: 2 * rightSeconds >= seconds, seconds }];
  });
}

/**
 * Expected calibration error (Naeini et al. 2015): claims in `binCount` equal bins by probability; the mean
 * over the claims, weighted by their seconds of speech, of |mean probability - share that is right|.
 */
export function calibrationError(claims: readonly Claim[], binCount = 10): CalibrationError {
  const total = claims.reduce((sum, { seconds }) => sum + seconds, 0);
  let rate = 0;
  const bins = Array.from({ length: binCount }, (_, i): CalibrationBin => {
    const inside = claims.filter(
      ({ probability }) => Math.min(binCount - 1, Math.floor(probability * binCount)) === i,
    );
    const seconds = inside.reduce((sum, claim) => sum + claim.seconds, 0);
    const mean = (value: (claim: Claim) => number): number =>
      seconds === 0 ? NaN : inside.reduce((sum, c) => sum + c.seconds * value(c), 0) / seconds;
    const probability = mean((c) => c.probability);
    const right = mean((c) => Number(c.right));
    if (seconds > 0) rate += (seconds / total) * Math.abs(probability - right);
    return { low: i / binCount, high: (i + 1) / binCount, seconds, probability, right };
  });
  return { rate, bins };
}
