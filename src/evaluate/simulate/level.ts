import { meanPower } from '../../acoustics/power.js';
import type { Region } from '../turns.js';
import { SAMPLE_RATE_HZ } from '../../stream/geometry.js';

const STEP_SAMPLES = SAMPLE_RATE_HZ / 100;
/** The level at a place is the median of the 50 ms about it: a click is shorter. */
const MEDIAN_STEPS = 5;
/** Speech lies within this of the loudest … */
const DEPTH_DB = 35;
/** … and this far above the recording's own noise, which is as loud as its quietest tenth … */
const ABOVE_NOISE_DB = 9;
const NOISE_QUANTILE = 0.1;
/** … unless that tenth is no noise: speech without a pause. */
const MAX_NOISE_DB = -29;
/** Pauses shorter than this belong to the speech, seconds. */
const MIN_PAUSE_SECONDS = 0.3;
/** A stretch of speech has at least this, seconds: a click or a breath is none. */
const MIN_SPEECH_SECONDS = 0.1;

/**
 * Where a clean recording of one voice holds speech, by level alone, over pauses of up to 0.3 s. This is what makes the
 * reference exact: it is read from the recording before noise, room and other people cover it. The hiss that many
 * recordings begin and end with is no speech, however near.
 */
export function speechRegions(samples: Float32Array): Region[] {
  const energies = medians(
    Array.from({ length: Math.floor(samples.length / STEP_SAMPLES) }, (_, i) =>
      meanPower(samples.subarray(i * STEP_SAMPLES, (i + 1) * STEP_SAMPLES)),
    ),
  );
  const loudest = energies.reduce((max, e) => Math.max(max, e), 0);
  const quiet = [...energies].sort((a, b) => a - b)[Math.floor(NOISE_QUANTILE * energies.length)] ?? 0;
  const noise = Math.min(quiet, loudest * 10 ** (MAX_NOISE_DB / 10));
  const floor = Math.max(loudest * 10 ** (-DEPTH_DB / 10), noise * 10 ** (ABOVE_NOISE_DB / 10));
  const regions: { startSeconds: number; endSeconds: number }[] = [];
  energies.forEach((energy, i) => {
    if (energy <= floor) return;
    const startSeconds = i / 100;
    const endSeconds = (i + 1) / 100;
    const last = regions.at(-1);
    if (last && startSeconds - last.endSeconds < MIN_PAUSE_SECONDS) last.endSeconds = endSeconds;
    else regions.push({ startSeconds, endSeconds });
  });
  return regions.filter((r) => r.endSeconds - r.startSeconds >= MIN_SPEECH_SECONDS);
}

function medians(energies: readonly number[]): number[] {
  const reach = (MEDIAN_STEPS - 1) / 2;
  return energies.map((_, i) => {
    const near = Array.from({ length: MEDIAN_STEPS }, (__, k) => energies[i + k - reach] ?? 0);
    return near.sort((a, b) => a - b)[reach]!;
  });
}

/** Mean power within the regions only. */
export function powerWithin(samples: Float32Array, regions: readonly Region[]): number {
  let sum = 0;
  let count = 0;
  for (const { startSeconds, endSeconds } of regions) {
    const part = samples.subarray(
      Math.round(startSeconds * SAMPLE_RATE_HZ),
      Math.round(endSeconds * SAMPLE_RATE_HZ),
    );
    sum += meanPower(part) * part.length;
    count += part.length;
  }
  return count === 0 ? 0 : sum / count;
}
