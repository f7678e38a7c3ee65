import type { EmbeddedWindow, WindowEmbedding } from '../native/types.js';
import { robustMean } from './robust-mean.js';

/** Windows with less speech than this describe the room; they are used where there is nothing better. */
export const GOOD_SPEECH_RATIO = 0.6;

/** A window that a voice is enrolled from. */
export interface Voiced extends WindowEmbedding {
  readonly weight: number;
}

/** The windows to enrol from; those of one recording weigh 1 together. */
export function voicedIn(recordings: readonly (readonly EmbeddedWindow[])[]): Voiced[] {
  const every = recordings.map((list) => list.filter(({ embedding }) => embedding !== null));
  const good = every.map((list) => list.filter(({ speechRatio }) => speechRatio >= GOOD_SPEECH_RATIO));
  const chosen = good.some((list) => list.length > 0) ? good : every;
  return chosen.flatMap((list) =>
    list.map(({ embedding, overlap }) => ({ embedding: embedding!, overlap, weight: 1 / list.length })),
  );
}

/** The direction in the middle of them, L2-normalised: `robustMean`. */
export function middleOf(windows: readonly Omit<Voiced, 'overlap'>[]): Float32Array {
  return robustMean(
    windows.map(({ embedding }) => embedding),
    windows.map(({ weight }) => weight),
  );
}
