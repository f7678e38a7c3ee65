import type { Calibration } from '../model/types.js';
import { addScaled, dot, unit } from './vectors.js';

/** Share of the windows that another voice must have, and how many. */
const MIN_SHARE = 0.12;
const MIN_WINDOWS = 3;

/**
 * Share of the windows, 0 to 1, that hold one other voice: windows that are unlike the speaker (log-odds
 * below 0) and like each other. A cough or a door is unlike the speaker too, but no two are alike.
 */
export function secondVoiceShare(
  windows: readonly Float32Array[],
  centroid: Float32Array,
  { scale, offset }: Calibration,
): number {
  const unlike = windows.filter((window) => scale * dot(window, centroid) + offset < 0);
  if (unlike.length < MIN_WINDOWS || unlike.length < MIN_SHARE * windows.length) return 0;
  const sum = new Float32Array(centroid.length);
  for (const window of unlike) addScaled(sum, window, 1);
  const other = unit(sum);
  const alike = unlike.filter((window) => scale * dot(window, other) + offset > 0);
  return alike.length >= Math.max(MIN_WINDOWS, unlike.length / 2) ? alike.length / windows.length : 0;
}
