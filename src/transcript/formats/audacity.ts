import type { TranscriptWriter } from '../transcript.js';

/** Labels of Audacity: start, end and name behind tabs, a line a segment. */
export const writeAudacity: TranscriptWriter = ({ segments }) =>
  segments
    .map(
      ({ speaker, start, end }) =>
        `${start.toFixed(6)}\t${end.toFixed(6)}\t${speaker.replace(/\s+/g, ' ')}\n`,
    )
    .join('');
