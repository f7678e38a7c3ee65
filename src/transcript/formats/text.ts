import { clockText, percentText, talkTimeText } from '../readable.js';
import { channelText } from '../segment.js';
import { talkTime } from '../talk-time.js';
import type { TranscriptWriter } from '../transcript.js';

/** Plain text to read: a line a segment, with a probability where anybody is known, then how long each speaker talks. */
export const writeText: TranscriptWriter = ({ segments }) => {
  if (segments.length === 0) return '';
  const hasNames = segments.some(({ known }) => known);
  const lines = segments.map(({ speaker, start, end, probability, channel }) => {
    const sure = hasNames ? `  ${percentText(probability)}` : '';
    const which = channel === undefined ? '' : `  ${channelText(channel)}`;
    return `${clockText(start)} - ${clockText(end)}  ${speaker}${sure}${which}\n`;
  });
  return `${lines.join('')}\n${talkTimeText(talkTime(segments))}`;
};
