import { milliseconds } from '../../formats/times.js';
import type { WordWriter } from './named-transcript.js';

/** JSON with every word and what is known of it; `readTranscript` reads it. Times are in seconds. */
export const writeJsonWords: WordWriter = ({ recording, duration, words }) => {
  const rounded = words.map(({ start, end, probability, ...word }) => ({
    ...word,
    start: milliseconds(start),
    end: milliseconds(end),
    probability: milliseconds(probability),
  }));
  return `${JSON.stringify({ recording, duration: milliseconds(duration), words: rounded }, null, 2)}\n`;
};
