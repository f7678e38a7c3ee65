import { SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/types.js';
import type { SpeechTrack } from '../fbank/speech-track.js';

/** A place where the speaker may change, and the prior of a change there. */
export interface ChangePoint {
  readonly sample: number;
  readonly probability: number;
}

/** Spacing of the candidate changes where there is no pause. */
const GRID_SAMPLES = 10 * SHIFT_SAMPLES;
/** Mean speech between two changes without a pause: the prior of a change. */
const SECONDS_PER_CHANGE = 4;
/** Shorter gaps in the flags are not pauses. */
const MIN_PAUSE_SAMPLES = 8 * SHIFT_SAMPLES;

/**
 * Candidates in [from, to): the end of every pause, likelier the longer the pause (one half of
 * `LONG_PAUSE` after `PAUSE_SECONDS`), and a grid through the speech between.
 */
export function changePoints(track: SpeechTrack, from: number, to: number): ChangePoint[] {
  const points: ChangePoint[] = [];
  const begin = Math.max(from, track.startSample);
  let pauseStart = lastSpeechBefore(track, begin);
  let nextGrid = begin;
  for (let at = begin; at < to; at += SHIFT_SAMPLES) {
    if (!track.isHeard(at)) continue;
    const pause = at - pauseStart;
    if (pause >= MIN_PAUSE_SAMPLES) {
      points.push({ sample: at, probability: afterPause(pause) });
      nextGrid = at + GRID_SAMPLES;
    } else if (at >= nextGrid) {
      points.push({ sample: at, probability: GRID_SAMPLES / SAMPLE_RATE_HZ / SECONDS_PER_CHANGE });
      nextGrid = at + GRID_SAMPLES;
    }
    pauseStart = at + SHIFT_SAMPLES;
  }
  return points;
}

/** A rest of speech up to this length, between a change and a pause, belongs to the turn before. */
const MAX_TAIL_SAMPLES = 0.3 * SAMPLE_RATE_HZ;

/**
 * Where a change found at `sample` is reported: a short rest of speech before a pause that is longer than the
 * one before it belongs to the turn before, so the change moves behind that pause. At most `to`.
 */
export function afterTail(track: SpeechTrack, sample: number, to: number): number {
  const pauseBefore = sample - lastSpeechBefore(track, sample);
  let end = sample;
  for (let at = sample; at < to; at += SHIFT_SAMPLES) {
    if (!track.isHeard(at)) continue;
    const pause = at - end;
    if (end > sample && pause >= MIN_PAUSE_SAMPLES && pause > pauseBefore) return at;
    end = at + SHIFT_SAMPLES;
    if (end - sample >= MAX_TAIL_SAMPLES) break;
  }
  return sample;
}

/** Prior of a change after a very long pause. */
const LONG_PAUSE = 0.9;
/** Pause after which the prior is half of `LONG_PAUSE`. */
const PAUSE_SECONDS = 0.3;

function afterPause(samples: number): number {
  const seconds = samples / SAMPLE_RATE_HZ;
  return (LONG_PAUSE * seconds) / (seconds + PAUSE_SECONDS);
}

function lastSpeechBefore(track: SpeechTrack, sample: number): number {
  return track.lastHeardEnd(track.startSample, sample) ?? track.startSample;
}
