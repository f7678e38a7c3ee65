import { talkTime } from '../talk-time.js';
import { milliseconds } from './times.js';
import type { TranscriptWriter } from '../transcript.js';

/** JSON with everything that is known: segments, and how long each speaker talks. Times are in seconds. */
export const writeJson: TranscriptWriter = ({ recording, duration, segments }) => {
  const speakers = talkTime(segments).map(({ speaker, seconds, share }) => ({
    speaker,
    seconds: milliseconds(seconds),
    share: milliseconds(share),
  }));
  const rounded = segments.map(({ speaker, known, start, end, probability, channel }) => ({
    speaker,
    known,
    start: milliseconds(start),
    end: milliseconds(end),
    probability: milliseconds(probability),
    ...(channel === undefined ? {} : { channel }),
  }));
  return `${JSON.stringify({ recording, duration: milliseconds(duration), segments: rounded, speakers }, null, 2)}\n`;
};
