import { SAMPLE_RATE_HZ, SHIFT_SAMPLES } from '../stream/types.js';
import type { SpeechStretch } from '../events/events.js';

/** Shorter pauses count as speech in the `speech` of an event. */
const MIN_PAUSE_SAMPLES = 0.3 * SAMPLE_RATE_HZ;
/** Speech starts this long before the gate opens. */
const ONSET_SAMPLES = 0.05 * SAMPLE_RATE_HZ;
/** Shorter speech between two pauses is a click. */
const MIN_SPEECH_SAMPLES = 0.1 * SAMPLE_RATE_HZ;

/**
 * The speech of a turn: the turn without its pauses and soft edges, as annotations of speech have it. A turn
 * without sure speech is taken whole.
 * @param isHeard whether the 10 ms frame that begins there is speech.
 */
export function heardSpeech(
  isHeard: (sample: number) => boolean,
  { startSample, endSample }: SpeechStretch,
): SpeechStretch[] {
  const heard: SpeechStretch[] = [];
  for (let at = startSample; at < endSample; at += SHIFT_SAMPLES) {
    if (!isHeard(at)) continue;
    const end = Math.min(at + SHIFT_SAMPLES, endSample);
    const last = heard.at(-1);
    if (last !== undefined && at - last.endSample < MIN_PAUSE_SAMPLES) {
      heard[heard.length - 1] = { startSample: last.startSample, endSample: end };
    } else heard.push({ startSample: at, endSample: end });
  }
  const speech = heard
    .filter((stretch) => stretch.endSample - stretch.startSample >= MIN_SPEECH_SAMPLES)
    .map((stretch) => ({
      startSample: Math.max(startSample, stretch.startSample - ONSET_SAMPLES),
      endSample: stretch.endSample,
    }));
  return speech.length > 0 ? speech : [{ startSample, endSample }];
}
