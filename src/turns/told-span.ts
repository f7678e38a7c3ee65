import { SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/types.js';
import type { Span } from './spans.js';
import type { SpeechTrack } from '../fbank/speech-track.js';

/** A turn extends this far beyond its flagged speech: words begin and end softly. */
const SOFT_SAMPLES = 0.2 * SAMPLE_RATE_HZ;
/**
 * A change without a pause is reported this much later than found: windows across it lean to the
 * interrupting speaker.
 */
const LEAN_SAMPLES = 0.15 * SAMPLE_RATE_HZ;

/** The reported span of a turn. Spans of turns that do not overlap do not overlap either. */
export function toldSpan(
  track: SpeechTrack,
  { startSample, endSample }: Span,
): Pick<Span, 'startSample' | 'endSample'> {
  const softEnd = track.softEnd(startSample, endSample, SOFT_SAMPLES);
  const next = toldStart(track, endSample);
  return {
    startSample: toldStart(track, startSample),
    // A flag may reach beyond the last sample.
    endSample: Math.min(track.endSample, isSpokenThrough(track, endSample) ? next : Math.min(softEnd, next)),
  };
}

/** Of a turn that begins there. */
function toldStart(track: SpeechTrack, sample: number): number {
  return isSpokenThrough(track, sample) ? leant(track, sample) : softStart(track, sample);
}

function isSpokenThrough(track: SpeechTrack, sample: number): boolean {
  return track.isHeard(sample - 1) && track.isHeard(sample);
}

function leant(track: SpeechTrack, sample: number): number {
  let at = sample;
  while (at < sample + LEAN_SAMPLES && track.isHeard(at)) at += SHIFT_SAMPLES;
  return at;
}

/** Not before the soft end of what went before. */
function softStart(track: SpeechTrack, sample: number): number {
  const from = Math.max(track.startSample, sample - 2 * SOFT_SAMPLES);
  const isAfterSpeech = track.lastHeardEnd(from, sample) !== undefined;
  const before = isAfterSpeech ? track.softEnd(from, sample, SOFT_SAMPLES) : from;
  return Math.max(before, sample - SOFT_SAMPLES);
}
