import { labelText } from '../segment.js';
import type { TranscriptWriter } from '../transcript.js';

/** Labels of Audacity: start, end and name behind tabs, a line a segment. */
export const writeAudacity: TranscriptWriter = ({ segments }) =>
  segments
    .map(
      ({ start, end, ...who }) =>
        `${start.toFixed(6)}\t${end.toFixed(6)}\t${labelText(who).replace(/\s+/g, ' ')}\n`,
    )
    .join('');
