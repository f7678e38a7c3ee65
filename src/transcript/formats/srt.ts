import { labelText } from '../segment.js';
import type { TranscriptWriter } from '../transcript.js';
import { hoursText } from './times.js';

/** SubRip captions: a numbered cue a segment, with the speaker as its text. */
export const writeSrt: TranscriptWriter = ({ segments }) =>
  segments
    .map(({ start, end, ...who }, i) => {
      const times = `${hoursText(start, ',')} --> ${hoursText(end, ',')}`;
      return `${i + 1}\n${times}\n${escapeSrt(labelText(who))}\n`;
    })
    .join('\n');

/** Players take what is between angle brackets for mark-up, and an arrow for times. */
export function escapeSrt(name: string): string {
  return name.replaceAll('<', '‹').replaceAll('>', '›');
}
