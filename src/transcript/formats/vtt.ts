import { labelText } from '../segment.js';
import type { TranscriptWriter } from '../transcript.js';
import { hoursText } from './times.js';

/** WebVTT captions (W3C): a cue a segment, whose voice is the speaker. */
export const writeVtt: TranscriptWriter = ({ segments }) => {
  const cues = segments.map(({ start, end, ...who }) => {
    const name = escapeVtt(who.speaker);
    return `${hoursText(start, '.')} --> ${hoursText(end, '.')}\n<v ${name}>${escapeVtt(labelText(who))}</v>\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
};

/** As text and as the annotation of a voice: both take these references. */
export function escapeVtt(name: string): string {
  return name.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
