import type { Calibration } from '../model/types.js';
import { addScaled, dot, norm, unit } from '../vectors.js';

/** Share of the windows that another voice must have, and how many. */
const MIN_SHARE = 0.12;
const MIN_WINDOWS = 3;
/** Windows that divisions are begun from at the most, spread over the recording. */
const MAX_SEEDS = 32;
const MAX_ROUNDS = 10;

/**
 * Share of the windows, 0 to 1, that hold one other voice. The windows are divided in two, each nearer to the middle of its
 * own side (2-means on the sphere, begun from windows all over the recording). They hold two voices where the middles of
 * two sides do not sound like one (log-odds below 0), however much each says: the smaller side is the other voice's, if most of
 * its windows sound like the others together. A cough or a door is unlike the speaker too, but no two are alike.
 *
 * @param windows unit vectors.
 */
export function secondVoiceShare(windows: readonly Float32Array[], { scale, offset }: Calibration): number {
  const isOne = (cosine: number): boolean => scale * cosine + offset >= 0;
  const least = Math.max(MIN_WINDOWS, MIN_SHARE * windows.length);
  const stride = Math.max(1, Math.ceil(windows.length / MAX_SEEDS));
  let share = 0;
  for (let seed = 0; seed < windows.length; seed += stride) {
    const sides = dividedFrom(windows[seed]!, windows);
    if (sides === null || isOne(dot(sides.middle, sides.otherMiddle))) continue;
    const { other } = sides;
    const alike = cosinesWithOthers(other).filter(isOne).length;
    if (other.length >= least && alike >= Math.max(MIN_WINDOWS, other.length / 2)) {
      share = Math.max(share, alike / windows.length);
    }
  }
  return share;
}

interface Sides {
  readonly middle: Float32Array;
  /** The smaller side. */
  readonly other: readonly Float32Array[];
  readonly otherMiddle: Float32Array;
}

/** Begun from the half that is nearer to the seed; null where one side holds all. */
function dividedFrom(seed: Float32Array, windows: readonly Float32Array[]): Sides | null {
  const cosines = windows.map((window) => dot(window, seed));
  const median = [...cosines].sort((a, b) => a - b)[windows.length >> 1]!;
  let isNear = cosines.map((cosine) => cosine > median);
  for (let round = 0; ; round++) {
    const near = windows.filter((_, i) => isNear[i]);
    const far = windows.filter((_, i) => !isNear[i]);
    const [a, b] = [middleOf(near), middleOf(far)];
    if (!a || !b) return null;
    const next = windows.map((window) => dot(window, a) > dot(window, b));
    if (round === MAX_ROUNDS || next.every((side, i) => side === isNear[i])) {
      return near.length < far.length
        ? { middle: b, other: near, otherMiddle: a }
        : { middle: a, other: far, otherMiddle: b };
    }
    isNear = next;
  }
}

/** Of unit vectors: each one's cosine with the sum of the others. */
function cosinesWithOthers(windows: readonly Float32Array[]): number[] {
  const sum = sumOf(windows);
  const square = dot(sum, sum);
  return windows.map((window) => {
    const along = dot(window, sum);
    return (along - 1) / Math.sqrt(Math.max(Number.MIN_VALUE, square - 2 * along + 1));
  });
}

/** The direction of their sum; null where there is none. */
function middleOf(windows: readonly Float32Array[]): Float32Array | null {
  if (windows.length === 0) return null;
  const sum = sumOf(windows);
  return norm(sum) > 0 ? unit(sum) : null;
}

function sumOf(windows: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(windows[0]!.length);
  for (const window of windows) addScaled(sum, window, 1);
  return sum;
}
